/** The screen, joined to a client and a terminal: opened as soon as nothing is to be asked, filled as things become known, and given back whatever happens. */
import { type Clock, systemClock } from '../shared/time/clock.ts';
import { asksFirst } from './door/asks-first.ts';
import { exitCodeForSignal } from './exit-codes.ts';
import { Interrupted } from './interrupted.ts';
import type { ClientIo } from './line/terminal.ts';
import type { ClientOptions } from './options.ts';
import { TerminalScreen } from './terminal-screen.ts';

/** Takes part on the screen until somebody quits, a signal comes or the client can't go on. Resolves with the exit code. */
export async function runScreen(
  options: ClientOptions,
  io: ClientIo,
  {
    clock = systemClock,
    open = TerminalScreen.open,
  }: { readonly clock?: Clock; readonly open?: typeof TerminalScreen.open } = {},
): Promise<number> {
  let screen: TerminalScreen | undefined;
  try {
    screen = await open(io);
    // Somebody sees something while the rest of the program is read; but a screen would hide what is asked before.
    if (!asksFirst(options, io.env)) screen.take();
    const { attend } = await import('./screen-session.ts');
    const exitCode = await attend({ options, io, clock, screen });
    await screen.close();
    return exitCode;
  } catch (error) {
    await screen?.close();
    if (io.signal.aborted) return exitCodeForSignal(io.signal.reason);
    if (error instanceof Interrupted) return exitCodeForSignal(error.signal);
    const { complain } = await import('./line/terminal.ts');
    return complain(io.stderr, error);
  }
}
