/** Questions at a terminal, one after the other: one editor for all of them, so that nothing typed ahead is lost. */
import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { Interrupted } from '../interrupted.ts';
import type { ClientIo } from '../line/terminal.ts';

export interface Question {
  /** Stands in the line already, to be accepted or changed. */
  readonly preset?: string | undefined;
  /** Said below the line while it is typed. */
  readonly hint?: (typed: string) => string;
}

const CLEAR_LINE = '\x1b[2K';

export class Asker {
  readonly #io: ClientIo;
  readonly #editor: Interface;
  readonly #lines: string[] = [];
  #waiting: PromiseWithResolvers<string> | undefined;
  #over: Interrupted | undefined;
  #hint: ((typed: string) => string) | undefined;
  #isSecret = false;

  constructor(io: ClientIo) {
    this.#io = io;
    this.#editor = createInterface({ input: io.stdin, output: this.#screen(), terminal: true, historySize: 0 });
    this.#editor.on('line', (line) => this.#take(line));
    // In this mode Ctrl+C is a key: nobody else hears of it.
    this.#editor.on('SIGINT', () => this.#end('SIGINT'));
    this.#editor.on('close', () => this.#end('SIGINT'));
    io.stdin.on('keypress', this.#drawHint);
    io.signal.addEventListener('abort', this.#onSignal);
    if (io.signal.aborted) this.#onSignal();
  }

  /** Writes paragraphs, each broken between words where the screen ends. */
  say(...paragraphs: readonly string[]): void {
    const lines = paragraphs.flatMap((paragraph) => broken(paragraph, columnsOf(this.#io) - 1));
    this.#io.stdout.write(`${lines.join('\n')}\n`);
  }

  /** The answer without blanks around it. Throws `Interrupted`. */
  async ask(question: string, { preset = '', hint }: Question = {}): Promise<string> {
    this.#throwIfOver();
    this.#hint = this.#io.env['TERM'] === 'dumb' ? undefined : hint;
    // A row below the line, which must be there before anything can be written to it.
    if (this.#hint !== undefined) this.#io.stdout.write('\n\x1b[1A');
    this.#editor.setPrompt(question);
    this.#editor.prompt();
    if (preset !== '' && this.#lines.length === 0) this.#editor.write(preset);
    const line = await this.#nextLine();
    if (this.#hint !== undefined) this.#io.stdout.write(CLEAR_LINE);
    this.#hint = undefined;
    return line.trim();
  }

  /** The same for a secret: the terminal shows nothing of it, and nothing is cut off it. */
  async askSecret(question: string): Promise<string> {
    this.#throwIfOver();
    this.#io.stdout.write(question);
    this.#isSecret = true;
    try {
      return await this.#nextLine();
    } finally {
      this.#isSecret = false;
      this.#io.stdout.write('\n');
    }
  }

  /** Rejects with `Interrupted` as soon as somebody interrupts; `work` goes on, and is nobody's any more. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    this.#throwIfOver();
    const interrupted = Promise.withResolvers<never>();
    const onEnd = () => interrupted.reject(this.#over);
    this.#editor.once('close', onEnd);
    try {
      return await Promise.race([work, interrupted.promise]);
    } finally {
      this.#editor.off('close', onEnd);
    }
  }

  /** Lets the terminal go. */
  close(): void {
    this.#io.stdin.off('keypress', this.#drawHint);
    this.#io.signal.removeEventListener('abort', this.#onSignal);
    this.#over ??= new Interrupted('SIGINT');
    this.#editor.close();
  }

  readonly #onSignal = (): void => this.#end(String(this.#io.signal.reason));

  #take(line: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#lines.push(line);
    else waiting.resolve(line);
  }

  #nextLine(): Promise<string> {
    const ahead = this.#lines.shift();
    if (ahead !== undefined) return Promise.resolve(ahead);
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  #end(signal: string): void {
    if (this.#over !== undefined) return;
    this.#over = new Interrupted(signal);
    // What comes next is written where the hint stands.
    if (this.#hint !== undefined) this.#io.stdout.write(`\x1b7\x1b[1B\r${CLEAR_LINE}\x1b8`);
    this.#hint = undefined;
    this.#editor.close();
    this.#waiting?.reject(this.#over);
  }

  #throwIfOver(): void {
    if (this.#over !== undefined) throw this.#over;
  }

  /** After each key, once the editor has taken it in. */
  readonly #drawHint = (): void => {
    if (this.#hint === undefined || this.#waiting === undefined) return;
    const { line } = this.#editor;
    const width = this.#editor.getPrompt().length + line.length;
    // A line that goes over the edge of the screen has no row below that is free.
    if (width >= columnsOf(this.#io)) return;
    const hint = line === '' ? '' : this.#hint(line).slice(0, columnsOf(this.#io) - 1);
    this.#io.stdout.write(`\x1b7\x1b[1B\r${CLEAR_LINE}${hint}\x1b8`);
  };

  /** The terminal as the editor writes to it: nothing of a secret. */
  #screen(): Writable {
    const { stdout } = this.#io;
    const write = (chunk: Uint8Array | string) => {
      if (!this.#isSecret) stdout.write(chunk);
    };
    const screen = new Writable({
      decodeStrings: false,
      write: (chunk, _encoding, done) => {
        write(chunk);
        done();
      },
    });
    return Object.defineProperty(screen, 'columns', { get: () => columnsOf(this.#io) });
  }
}

const USUAL_COLUMNS = 80;

function columnsOf({ stdout }: ClientIo): number {
  return 'columns' in stdout && typeof stdout.columns === 'number' && stdout.columns > 0
    ? stdout.columns
    : USUAL_COLUMNS;
}

/** The lines of a paragraph, each with the blanks that it begins with. */
function broken(paragraph: string, width: number): string[] {
  const indent = /^ */.exec(paragraph)?.[0] ?? '';
  const lines = [indent];
  for (const word of paragraph.slice(indent.length).split(' ')) {
    const line = lines.at(-1) ?? indent;
    if (line === indent) lines[lines.length - 1] = `${indent}${word}`;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`${indent}${word}`);
  }
  return lines;
}
