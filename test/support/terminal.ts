/** A real terminal with a real program in it: a pseudo-terminal, and an emulator that shows what somebody would see. */
import { fileURLToPath } from 'node:url';
import { type IPty, spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { buildScreen } from '../../build.mjs';
import { soon, until } from './until.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/** Several processes start at the same time, on a machine that has more to do. */
const PATIENCE_MS = 30_000;

export interface TerminalOptions {
  readonly args: readonly string[];
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export class TestTerminal {
  /** Every byte that the program wrote. */
  raw = '';
  /** What the title of the window became, and what was put on the clipboard (OSC 52). */
  readonly titles: string[] = [];
  readonly clipboard: string[] = [];
  /** Texts of OSC 9. */
  readonly notifications: string[] = [];
  bells = 0;
  readonly ended: Promise<number>;
  readonly pty: IPty;
  readonly #emulator: xterm.Terminal;
  #written = 0;
  #shown = 0;

  private constructor({ args, columns = 80, rows = 24, env = {} }: TerminalOptions) {
    this.#emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1_000 });
    this.#emulator.onTitleChange((title) => this.titles.push(title));
    this.#emulator.onBell(() => {
      this.bells += 1;
    });
    this.#emulator.parser.registerOscHandler(52, (data) => this.clipboard.push(data) > 0);
    this.#emulator.parser.registerOscHandler(9, (data) => this.notifications.push(data) > 0);
    // A shell's last line, to see that it is still there afterwards.
    this.#emulator.write('$ gavel client\r\n');
    this.pty = spawn(process.execPath, ['gavel.mjs', ...args], {
      cols: columns,
      rows,
      cwd: PROJECT,
      env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color', TZ: 'UTC', COLORTERM: 'truecolor', ...env },
    });
    this.pty.onData((data) => {
      this.raw += data;
      this.#written += 1;
      this.#emulator.write(data, () => {
        this.#shown += 1;
      });
    });
    this.ended = new Promise((resolve) => {
      this.pty.onExit(({ exitCode, signal }) => resolve(signal ? 128 + signal : exitCode));
    });
  }

  /** `gavel <args>` in a terminal of this size. */
  static async open(options: TerminalOptions): Promise<TestTerminal> {
    await buildScreen();
    return new TestTerminal(options);
  }

  /** The rows that somebody sees now. */
  rows(): string[] {
    const { active } = this.#emulator.buffer;
    // Lines keep cells beyond the width of a terminal that became narrower.
    return Array.from({ length: this.#emulator.rows }, (_, row) => {
      return active.getLine(active.baseY + row)?.translateToString(true, 0, this.#emulator.cols) ?? '';
    });
  }

  text(): string {
    return this.rows().join('\n');
  }

  get cursor(): { readonly x: number; readonly y: number } {
    const { cursorX, cursorY } = this.#emulator.buffer.active;
    return { x: cursorX, y: cursorY };
  }

  /** Which of its two screens the terminal shows. */
  get screen(): 'normal' | 'alternate' {
    return this.#emulator.buffer.active.type;
  }

  get modes(): xterm.IModes {
    return this.#emulator.modes;
  }

  /** As if typed. */
  type(text: string): void {
    this.pty.write(text);
  }

  resize(columns: number, rows: number): void {
    this.#emulator.resize(columns, rows);
    this.pty.resize(columns, rows);
  }

  /** Waits until the rows say so. Throws with what they say instead. */
  async shows(wanted: string | RegExp, patienceMs: number = PATIENCE_MS): Promise<void> {
    const isThere = () => (typeof wanted === 'string' ? this.text().includes(wanted) : wanted.test(this.text()));
    await until(String(wanted), isThere, patienceMs).catch((error) => {
      throw new Error(`${error.message}; the screen is\n${this.text()}`);
    });
  }

  /** Waits until everything that was written is shown. */
  async settled(): Promise<void> {
    await until('the emulator', () => this.#shown === this.#written);
  }

  /** The exit code; what was written before is shown by then. Throws with what the rows say if the program goes on. */
  async exit(): Promise<number> {
    const code = await soon('the end of the program', this.ended, PATIENCE_MS).catch((error) => {
      throw new Error(`${error.message}; the screen is\n${this.text()}`);
    });
    await this.settled();
    return code;
  }

  /** Ends the program if it runs. */
  async close(): Promise<void> {
    this.pty.kill('SIGKILL');
    await this.ended;
    this.#emulator.dispose();
  }
}
