/** Bids for somebody who is away: the secret maximum stays on this machine, and the house sees the least that leads. */
import { defineBot } from '../define-bot.ts';
import { leastThatLeads } from './increment.ts';

/** The maximum of a lot is kept in the home (secret-maxima.ts) and reaches the strategy as the lot's `max`. */
export const proxy = defineBot({
  name: 'proxy',
  summary: 'keeps your secret maximum for a lot on this machine, and bids the least that leads',
  bidOn: leastThatLeads,
});
