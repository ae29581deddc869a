/** Bids the least that leads whenever somebody else does. */
import { defineBot, type LotSight } from '../define-bot.ts';

export const increment = defineBot({
  name: 'increment',
  summary: 'bids the least that leads whenever somebody else does, up to the most on a lot',
  bidOn: leastThatLeads,
});

/** What has to be bid to lead; `undefined` for who leads already. */
export function leastThatLeads({ isLeading, nextValid }: LotSight): LotSight['nextValid'] | undefined {
  return isLeading ? undefined : nextValid;
}
