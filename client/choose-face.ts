/** `gavel client`: which of its faces somebody meets, decided before anything heavy is read. */

import type { ClientIo } from './line/terminal.ts';
import type { ClientOptions } from './options.ts';

/** Takes part with the face that fits. Resolves with the exit code. */
export async function runFace(options: ClientOptions, io: ClientIo): Promise<number> {
  if (wantsScreen(options, io)) {
    const { runScreen } = await import('./screen-mode.ts');
    return runScreen(options, io);
  }
  const { runClient } = await import('./main.ts');
  return runClient(options, io);
}

/** The screen needs a terminal at both ends, and somebody who did not ask for another face. */
export function wantsScreen({ json, plain, command }: ClientOptions, { stdin, stdout, env }: ClientIo): boolean {
  const isTerminal = stdin.isTTY === true && stdout.isTTY === true && env['TERM'] !== 'dumb';
  return isTerminal && json !== true && plain !== true && command === undefined;
}
