/** The screen, joined to a client and a terminal: opened at once, filled as things become known, and given back whatever happens. */
import { type Clock, systemClock } from '../shared/time/clock.ts';
import { exitCodeForSignal } from './exit-codes.ts';
import type { ClientIo } from './line/terminal.ts';
import type { ClientOptions } from './options.ts';
import { TerminalScreen } from './terminal-screen.ts';

/** Takes part on the screen until somebody quits, a signal comes or the client can't go on. Resolves with the exit code. */
export async function runScreen(options: ClientOptions, io: ClientIo, clock: Clock = systemClock): Promise<number> {
  const screen = await TerminalScreen.open(io);
  try {
    // Somebody sees something while the rest of the program is read.
    const { attend } = await import('./screen-session.ts');
    const exitCode = await attend({ options, io, clock, screen });
    await screen.close();
    return exitCode;
  } catch (error) {
    await screen.close();
    if (io.signal.aborted) return exitCodeForSignal(io.signal.reason);
    const { complain } = await import('./line/terminal.ts');
    return complain(io.stderr, error);
  }
}
