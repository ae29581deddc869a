/** Paints frames on a terminal and hears its keys: the one door of Ink. It knows nothing of auctions. */
import { type Instance, render } from 'ink';
import type { KeyPress } from '../prompt/key-press.ts';
import type { Frame } from '../screen/frame.ts';
import { Screen } from './screen.tsx';

export interface TerminalStreams {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
}

/** A screen that is open. */
export interface TerminalView {
  /** Paints a frame. */
  show(frame: Frame): void;
  /** Gives the terminal back as it was. Resolves when that is written. */
  close(): Promise<void>;
  /** Rejects with a mistake of ours in painting; resolves at the end. */
  readonly ended: Promise<void>;
}

/** A row that is too wide for a terminal, by a width that it sees otherwise than we, must not run into the next one. */
const NO_WRAP = '\u001B[?7l';
const WRAP = '\u001B[?7h';

/** Takes the terminal: another screen, which leaves the lines above it untouched, single keys, no mouse. */
export function openTerminalView(streams: TerminalStreams, frame: Frame, onKey: (key: KeyPress) => void): TerminalView {
  const { stdin, stdout } = streams;
  const app: Instance = render(<Screen frame={frame} onKey={onKey} />, {
    stdin,
    stdout,
    alternateScreen: true,
    incrementalRendering: true,
    exitOnCtrlC: false,
    patchConsole: false,
    // It is a terminal, whatever the environment says about continuous integration.
    interactive: true,
    isScreenReaderEnabled: false,
    maxFps: MAX_FPS,
  });
  stdout.write(NO_WRAP);
  const ended = app.waitUntilExit().then(() => undefined);
  // Whoever waits for the end hears of it; nobody has to.
  ended.catch(() => undefined);
  return {
    ended,
    show: (next) => app.rerender(<Screen frame={next} onKey={onKey} />),
    close: async () => {
      stdout.write(WRAP);
      app.unmount();
      await ended.catch(() => undefined);
    },
  };
}

/** Once more what `close` writes, for an end that comes without it. */
export function restoreTerminal(stdout: NodeJS.WritableStream): void {
  stdout.write(`${WRAP}${NO_PASTE_MARKS}`);
}

const NO_PASTE_MARKS = '\u001B[?2004l';

/** Frames come when there is something to see; this only keeps two of them within one refresh of the eye apart. */
const MAX_FPS = 60;
