/** The screen of a participant at a running house, in a terminal. */
import { join } from 'node:path';
import type { RunningHouse } from './running-house.ts';
import { type TerminalOptions, TestTerminal } from './terminal.ts';

export interface ScreenClientOptions extends Partial<TerminalOptions> {
  readonly dmsUrl?: string;
}

/** Opens it; it may still be connecting. */
export function openScreen(
  house: RunningHouse,
  name: string,
  options: ScreenClientOptions = {},
): Promise<TestTerminal> {
  const { dmsUrl = house.dmsUrl, args = [], ...terminal } = options;
  const addresses = [
    '--trusted-service-url',
    house.serviceUrl,
    '--dms-url',
    dmsUrl,
    '--root',
    `sha256:${house.root.sha256}`,
  ];
  const home = ['--home', join(house.home, `screen-${name}`), '--username', name];
  return TestTerminal.open({ ...terminal, args: ['client', ...addresses, ...home, ...args] });
}
