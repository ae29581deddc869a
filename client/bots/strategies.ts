/** The strategies that are shipped, by name. */
import { opener } from './opener.ts';
import { sniper } from './sniper.ts';
import { steady } from './steady.ts';
import type { Strategy } from './strategy.ts';

export const STRATEGIES: ReadonlyMap<string, { readonly summary: string; readonly decide: Strategy }> = new Map([
  ['steady', { summary: 'bids the least that leads whenever somebody else does, up to the limit', decide: steady }],
  ['sniper', { summary: 'the same, but only in the last seconds', decide: sniper }],
  ['opener', { summary: 'bids the starting price on lots without a bid, once', decide: opener }],
]);
