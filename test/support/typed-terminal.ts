/** A program at a real terminal of its own, and somebody who reads and types. */
import { stripVTControlCharacters } from 'node:util';
import { type IPty, spawn } from '@lydell/node-pty';
import { PROJECT } from './gavel-process.ts';
import { soon, until } from './until.ts';

const PATIENCE_MS = 20_000;

export class TypedTerminal {
  readonly #pty: IPty;
  readonly #exit: Promise<number>;
  #output = '';
  /** Up to here the output was seen. */
  #seen = 0;

  /** `gavel <args>` with this environment and the path alone. */
  constructor(args: readonly string[], env: Readonly<Record<string, string>>, size = { cols: 160, rows: 40 }) {
    const all = { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env };
    this.#pty = spawn(process.execPath, ['gavel.mjs', ...args], { cwd: PROJECT, env: all, ...size });
    const ended = Promise.withResolvers<number>();
    this.#pty.onData((text) => {
      this.#output += text;
    });
    this.#pty.onExit(({ exitCode, signal }) => ended.resolve(signal ? 128 + signal : exitCode));
    this.#exit = ended.promise;
  }

  /** Everything that was written, without the codes that move and paint. */
  get text(): string {
    return stripVTControlCharacters(this.#output).replaceAll('\r', '');
  }

  /** Whether another screen came over the lines of this one. */
  get tookScreen(): boolean {
    return this.#output.includes('\x1b[?1049h');
  }

  /** Whether the terminal is left as a shell needs it: on its first screen, with a cursor, lines that wrap, no marks around what is pasted. */
  get isSane(): boolean {
    const isOff = (on: string, off: string) => this.#output.lastIndexOf(on) <= this.#output.lastIndexOf(off);
    return (
      isOff('\x1b[?1049h', '\x1b[?1049l') &&
      isOff('\x1b[?25l', '\x1b[?25h') &&
      isOff('\x1b[?7l', '\x1b[?7h') &&
      isOff('\x1b[?2004h', '\x1b[?2004l')
    );
  }

  /** Waits for what was not seen before, and returns what matches. */
  async see(what: RegExp): Promise<RegExpExecArray> {
    const found = await this.#wait(what);
    this.#seen += found.index + found[0].length;
    return found;
  }

  /** Types, and presses Enter. */
  enter(text: string): void {
    this.press(`${text}\r`);
  }

  press(keys: string): void {
    this.#pty.write(keys);
  }

  /** As `kill` does. */
  kill(signal: 'SIGTERM' | 'SIGHUP'): void {
    this.#pty.kill(signal);
  }

  /** Waits until the program has ended. Resolves with its exit code. */
  end(): Promise<number> {
    return soon(`the end of a program that wrote ${this.text.slice(-2_000)}`, this.#exit, PATIENCE_MS);
  }

  /** Ends it, if it has not ended. */
  close(): void {
    try {
      this.#pty.kill('SIGKILL');
    } catch {
      // It has ended already.
    }
  }

  async #wait(what: RegExp): Promise<RegExpExecArray> {
    try {
      return await until(String(what), () => this.#look(what), PATIENCE_MS);
    } catch (cause) {
      throw new Error(`${what} is not in ${JSON.stringify(this.text.slice(this.#seen))}`, { cause });
    }
  }

  #look(what: RegExp): RegExpExecArray | undefined {
    return what.exec(this.text.slice(this.#seen)) ?? undefined;
  }
}
