/** The three ways to talk to whoever started the program, chosen before anything is written: JSON lines, plain text, plain text with a prompt. */
import { clearLine, createInterface, cursorTo, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { printableLine } from '../store/printable.ts';
import type { Face, FactTime } from './fact.ts';
import { complaintOf } from './facts-of.ts';
import { createJsonFace, type LineSink } from './json-line.ts';
import { type Line, linesOf } from './lines-of.ts';
import { createPlainFace } from './plain-face.ts';

/** The program's own ends, handed in: nothing here touches the process. */
export interface ClientIo {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted with the name of the signal (`SIGINT`, `SIGTERM`) that asks the program to end. */
  readonly signal: AbortSignal;
  /** Calls `restore` at the very end, however the process ends. It can wait for nothing. */
  readonly atExit?: (restore: () => void) => void;
}

/** An open way to talk. */
export interface Conversation {
  readonly face: Face;
  /** What is typed. Read once. */
  readonly lines: AsyncIterable<Line>;
  /** `io.signal`, or the reader that went away, or Ctrl+C where the prompt takes it as a key. */
  readonly signal: AbortSignal;
  /** Whether a person can be asked something. */
  readonly isTerminal: boolean;
  /** Says that the program can't begin or go on. Returns its exit code. Throws what nobody foresaw. */
  fail(error: unknown): number;
  /** Lets the input go and waits until everything that was said is out. */
  close(): Promise<void>;
}

/** Bytes that may wait for whoever reads standard output. */
const MAX_UNREAD_BYTES = 64 * 1_048_576;

/** `time` is asked for with every statement. */
export function openConversation(
  io: ClientIo,
  wish: { readonly json?: boolean | undefined; readonly plain?: boolean | undefined },
  time: () => FactTime,
): Conversation {
  const isTerminal = io.stdin.isTTY === true && io.stdout.isTTY === true;
  const isPlain = wish.plain === true || (isTerminal && wish.json !== true);
  const quit = new AbortController();
  io.stdout.on('error', (error: NodeJS.ErrnoException) => quit.abort(error.code === 'EPIPE' ? 'EPIPE' : error));
  const sink = boundedSink(io.stdout, quit);
  const input = isTerminal && isPlain && wish.plain !== true ? new Prompt(io, sink, quit) : undefined;
  const speaker = isPlain ? createPlainFace(input ?? sink, time) : createJsonFace(sink, time);
  const face: Face = {
    tell: (fact) => {
      // Nothing is asked for after the last word.
      if (fact.type === 'bye') input?.close();
      speaker.tell(fact);
    },
  };
  return {
    face,
    lines: input ?? linesOf(io.stdin),
    signal: AbortSignal.any([io.signal, quit.signal]),
    isTerminal,
    fail: (error) => fail(io, isPlain ? undefined : face, error),
    close: async () => {
      if (input === undefined) io.stdin.destroy();
      else input.close();
      await flushed(io.stdout);
    },
  };
}

/** People read the sentence on standard error, programs the line on standard output. */
function fail({ stderr }: ClientIo, face: Face | undefined, error: unknown): number {
  const exitCode = complain(stderr, error);
  const complaint = complaintOf(error);
  if (complaint !== undefined) face?.tell({ type: 'error', data: complaint });
  face?.tell({ type: 'bye', data: { reason: 'failed', exitCode } });
  return exitCode;
}

/** Says on standard error what ended the program. Returns its exit code. Throws what nobody foresaw. */
export function complain(stderr: Writable, error: unknown): number {
  const complaint = complaintOf(error);
  if (complaint === undefined) throw error;
  const { code, advice, detail, exitCode } = complaint;
  const more = detail === undefined ? '' : ` (${printableLine(detail)})`;
  stderr.write(`gavel: ${code}: ${advice}${more}\n`);
  return exitCode;
}

/** A line that is being typed, below what is said: that pushes the line down and leaves it as it is. */
class Prompt implements LineSink {
  readonly #io: ClientIo;
  readonly #sink: LineSink;
  readonly #quit: AbortController;
  /** From when the first line is asked for: before that somebody may be asked for a passphrase. */
  #editor: Interface | undefined;

  constructor(io: ClientIo, sink: LineSink, quit: AbortController) {
    this.#io = io;
    this.#sink = sink;
    this.#quit = quit;
  }

  write(text: string): void {
    if (this.#editor !== undefined) this.#clearLine();
    this.#sink.write(text);
    this.#editor?.prompt(true);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Line, undefined> {
    const editor = createInterface({ input: this.#io.stdin, output: this.#io.stdout, prompt: '> ', terminal: true });
    this.#editor = editor;
    editor.on('close', () => {
      this.#editor = undefined;
    });
    // The editor reads single keys, so that Ctrl+C is no signal here.
    editor.on('SIGINT', () => this.#quit.abort('SIGINT'));
    editor.prompt();
    for await (const line of editor) {
      yield line;
      editor.prompt();
    }
  }

  close(): void {
    if (this.#editor === undefined) return;
    this.#clearLine();
    this.#editor.close();
  }

  #clearLine(): void {
    clearLine(this.#io.stdout, 0);
    cursorTo(this.#io.stdout, 0);
  }
}

/** A reader that takes nothing for so long is not coming back: better to end than to fill the memory. */
function boundedSink(stdout: Writable, quit: AbortController): LineSink {
  return {
    write: (text) => {
      if (stdout.writableLength > MAX_UNREAD_BYTES) quit.abort('EPIPE');
      else stdout.write(text);
    },
  };
}

function flushed(stdout: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stdout.destroyed || !stdout.writable) resolve();
    // Called with an error too, where the reader is gone: then nothing is left to wait for.
    else stdout.write('', () => resolve());
  });
}
