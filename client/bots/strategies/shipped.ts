/** The bots that are shipped, by name. `market` is one of many participants and has a runner of its own. */
import type { Bot } from '../define-bot.ts';
import { increment } from './increment.ts';
import { proxy } from './proxy.ts';
import { sniper } from './sniper.ts';

export const SHIPPED_BOTS: ReadonlyMap<string, Bot> = new Map<string, Bot>(
  [increment, sniper, proxy].map((bot) => [bot.name, bot as Bot]),
);
