/** Asking a person at a terminal, without showing what is typed. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Interrupted } from '../interrupted.ts';

/** The terminal that somebody sits at. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream;
  /** Questions go here: standard output is for results. */
  readonly stderr: NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

/** Asks for a secret. The terminal shows nothing of the answer. Throws `Interrupted`. */
export async function askSecret({ stdin, stderr, signal }: Terminal, question: string): Promise<string> {
  // Line editing works as ever, and everything that it would show goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: stdin, output: nowhere, terminal: true });
  // Only now: what somebody types as soon as they read it must not be shown any more.
  stderr.write(question);
  const stop = new AbortController();
  // In this mode Ctrl+C is a key: nobody else hears of it.
  terminal.on('SIGINT', () => stop.abort('SIGINT'));
  // Ctrl+D in an empty line: no answer will come.
  terminal.on('close', () => stop.abort('SIGINT'));
  const interrupted = AbortSignal.any([signal, stop.signal]);
  try {
    return await terminal.question('', { signal: interrupted });
  } catch (error) {
    if (!interrupted.aborted) throw error;
    throw new Interrupted(String(interrupted.reason));
  } finally {
    terminal.close();
    stderr.write('\n');
  }
}
