/** The client in a pseudo-terminal, with an emulator that says when something can be seen. */
import { type IPty, spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

/** Longer than anything here takes on a machine that works. */
const PATIENCE_MS = 30_000;

export class MeasuredTerminal {
  readonly pty: IPty;
  readonly startedAt: number = performance.now();
  readonly #emulator: xterm.Terminal;
  /** Asked whenever something new is shown. */
  #isThere: (() => boolean) | undefined;
  #seen: (at: number) => void = () => undefined;

  constructor(file: string, args: readonly string[], size: { readonly columns: number; readonly rows: number }) {
    const { columns, rows } = size;
    this.#emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
    const env = { TERM: 'xterm-256color' };
    this.pty = spawn(process.execPath, [file, ...args], { cols: columns, rows, env });
    this.pty.onData((data) => this.#emulator.write(data, () => this.#look()));
  }

  rows(): string[] {
    const { buffer, cols, rows } = this.#emulator;
    // Lines keep cells beyond the width of a terminal that became narrower.
    return Array.from({ length: rows }, (_, row) => buffer.active.getLine(row)?.translateToString(true, 0, cols) ?? '');
  }

  /** When that can be seen, on the monotonic clock. Throws when it does not come. */
  async sees(what: string, isThere: (rows: readonly string[]) => boolean): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const tooLate = () => reject(new Error(`the terminal never showed ${what}:\n${this.rows().join('\n')}`));
    const limit = setTimeout(tooLate, PATIENCE_MS);
    this.#isThere = () => isThere(this.rows());
    this.#seen = resolve;
    this.#look();
    try {
      return await promise;
    } finally {
      clearTimeout(limit);
      this.#isThere = undefined;
    }
  }

  resize(columns: number, rows: number): void {
    this.#emulator.resize(columns, rows);
    this.pty.resize(columns, rows);
  }

  /** Ends the program at once. */
  end(): Promise<void> {
    return this.#end(() => this.pty.kill('SIGKILL'));
  }

  /** Ends it as somebody does who has enough, so that it keeps what it keeps. */
  quit(): Promise<void> {
    return this.#end(() => this.pty.write('q'));
  }

  async #end(ask: () => void): Promise<void> {
    const ended = new Promise<void>((resolve) => this.pty.onExit(() => resolve()));
    ask();
    await ended;
    this.#emulator.dispose();
  }

  #look(): void {
    if (this.#isThere?.() === true) this.#seen(performance.now());
  }
}
