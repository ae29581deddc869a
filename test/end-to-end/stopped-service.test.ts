/** A Trusted Service whose clock is set under it: everybody hears why nothing goes on, waits, and goes on by itself. */
import { afterEach, expect, it } from 'vitest';
import type { AuctionClient } from '../../client/auction-client.ts';
import { systemClock } from '../../shared/time/clock.ts';
import type { Amount, Instant } from '../../shared/wire/vocabulary.ts';
import { refusalOf } from '../support/refusal.ts';
import { RunningHouse } from '../support/running-house.ts';

let house: RunningHouse;
afterEach(() => house.close());

const amount = (value: number) => value as Amount;
const bid = (client: AuctionClient, value: number) => client.bid({ lot: 1, amount: amount(value) });

/** This machine's clocks, the one of which can be set. */
function settableClock() {
  return {
    setByMs: 0,
    now(): number {
      return systemClock.now() + this.setByMs;
    },
    monotonic: () => systemClock.monotonic(),
  };
}

it.each([
  ['is set right again', -7_000, 7_000],
  ['is confirmed as it stands', 7_000, undefined],
])('a bid waits while the clock is not believed, and is accepted when it %s', async (_what, byMs, backMs) => {
  const clock = settableClock();
  house = await RunningHouse.start({ clock: 'real', serviceClock: clock });
  const [seller, bidder, hasty] = await Promise.all([
    house.enrolled('sue'),
    house.enrolled('bob'),
    house.enrolled('hasty', { answerLimitMs: 4_000 }),
  ]);
  await seller.list(house.terms({ closesAt: Math.round(house.now()) + 600_000 }));
  expect(await bid(bidder, 150)).toMatchObject({ outcome: 'accepted' });
  clock.setByMs += byMs;

  const waiting = bid(bidder, 500);
  expect(await refusalOf(bid(hasty, 400))).toBe('clock-stepped');
  // Who is not enrolled hears the same.
  expect(await refusalOf(house.enrolled('late', { connectLimitMs: 4_000 }))).toBe('clock-stepped');
  expect((await hasty.allItems()).lots).toHaveLength(1);

  if (backMs === undefined) await house.operator.confirmTime(clock.now() as Instant);
  else clock.setByMs += backMs;
  expect(await waiting).toMatchObject({ outcome: 'accepted' });
  expect(await bid(hasty, 600)).toMatchObject({ outcome: 'accepted' });
  expect(house.failures).toEqual([]);
});
