/** Waits until the last seconds by signed time, so that nobody has the time to answer; then bids the least that leads. */
import { defineBot } from '../define-bot.ts';
import { leastThatLeads } from './increment.ts';

export const sniper = defineBot({
  name: 'sniper',
  summary: 'bids late by signed time, so that nobody has the time to answer',
  params: {
    // Late, and still early enough for a timestamp before the closing over a slow line.
    last: { type: 'duration', help: 'how long before the closing it begins', default: '5s' },
  },
  bidOn: (lot, { params }) => (lot.leftMs > params.last ? undefined : leastThatLeads(lot)),
});
