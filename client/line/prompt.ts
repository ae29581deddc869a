/** Asking a person at a terminal, without showing what is typed. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** The terminal that somebody sits at. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream;
  /** Questions go here: standard output is for results. */
  readonly stderr: NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

/** Asks for a secret. The terminal shows nothing of the answer. Throws the signal's `AbortError`. */
export async function askSecret({ stdin, stderr, signal }: Terminal, question: string): Promise<string> {
  stderr.write(question);
  // Line editing works as ever, and everything that it would show goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: stdin, output: nowhere, terminal: true });
  const stop = new AbortController();
  // In this mode Ctrl+C is a key: nobody else hears of it.
  terminal.on('SIGINT', () => stop.abort('SIGINT'));
  try {
    return await terminal.question('', { signal: AbortSignal.any([signal, stop.signal]) });
  } finally {
    terminal.close();
    stderr.write('\n');
  }
}
