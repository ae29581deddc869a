/** The terminal, and the screen on it while it has it: frames, keys, its size, the bell; and as it was before, whatever happens. */
import type { ClientIo } from './line/terminal.ts';
import { loadView, type ViewModule } from './load-view.ts';
import type { KeyPress } from './prompt/key-press.ts';
import { firstFrame } from './screen/first-frame.ts';
import type { Frame } from './screen/frame.ts';
import type { Size } from './screen/screen-state.ts';
import type { TerminalView } from './view/terminal-view.tsx';

/** What Node's streams have where they are a terminal's. */
interface TerminalOutput extends NodeJS.WritableStream {
  readonly columns?: number;
  readonly rows?: number;
}

export interface ScreenListener {
  key(key: KeyPress): void;
  resized(size: Size): void;
}

/** Where a terminal does not say how large it is. */
const USUAL: Size = { columns: 80, rows: 24 };
const BELL = '\u0007';

export class TerminalScreen {
  readonly #io: ClientIo;
  readonly #module: ViewModule;
  readonly #output: TerminalOutput;
  #view: TerminalView | undefined;
  #listener: ScreenListener | undefined;
  #frame: Frame;
  readonly #broken = Promise.withResolvers<never>();

  private constructor(io: ClientIo, module: ViewModule) {
    this.#io = io;
    this.#module = module;
    this.#output = io.stdout as TerminalOutput;
    this.#frame = firstFrame(this.size);
    // Before the view hears of it: what it draws for a new size is a frame of that size.
    this.#output.on('resize', this.#resized);
    // Nobody may be waiting for it when it happens.
    this.#broken.promise.catch(() => undefined);
    io.atExit?.(() => this.#module.restoreTerminal(this.#output));
  }

  /** A screen that does not have the terminal yet. Throws `screen-not-built`. */
  static async open(io: ClientIo): Promise<TerminalScreen> {
    return new TerminalScreen(io, await loadView());
  }

  get size(): Size {
    const { columns = 0, rows = 0 } = this.#output;
    return columns > 0 && rows > 0 ? { columns, rows } : USUAL;
  }

  /** Rejects with a mistake in painting. */
  get broken(): Promise<never> {
    return this.#broken.promise;
  }

  /** Keys and sizes go there. */
  listen(listener: ScreenListener): void {
    this.#listener = listener;
  }

  show(frame: Frame): void {
    this.#frame = frame;
    this.#view?.show(frame);
  }

  /** Calls somebody who looks elsewhere: the bell, and the text where the terminal shows such (OSC 9). The text is printable. */
  alert(text: string): void {
    if (this.#view !== undefined) this.#output.write(`${BELL}\u001B]9;${text}${BELL}`);
  }

  /** Takes the terminal, where it does not have it: what was shown last is there at once. */
  take(): void {
    if (this.#view !== undefined) return;
    const { stdin } = this.#io;
    const streams = { stdin: stdin as NodeJS.ReadableStream, stdout: this.#output };
    this.#view = this.#module.openTerminalView(streams, this.#frame, (key) => this.#listener?.key(key));
    this.#view.ended.catch(this.#broken.reject);
  }

  /** Gives the terminal, as it was before, to whoever asks something; until `take`. */
  async give(): Promise<void> {
    const view = this.#view;
    this.#view = undefined;
    await view?.close();
  }

  /** Gives the terminal back for good. */
  async close(): Promise<void> {
    this.#output.off('resize', this.#resized);
    await this.give();
  }

  readonly #resized = (): void => {
    if (this.#listener === undefined) this.show(firstFrame(this.size));
    else this.#listener.resized(this.size);
  };
}
