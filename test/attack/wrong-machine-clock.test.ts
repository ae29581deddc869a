/** Clocks of clients and DMS an hour off: there is one time source, and nobody's own clock decides anything. */
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/time/clock.ts';
import type { Amount } from '../../shared/wire/vocabulary.ts';
import { RunningHouse } from '../support/running-house.ts';
import { until } from '../support/until.ts';

const HOUR_MS = 3_600_000;
const wrongBy = (ms: number) => ({ now: () => systemClock.now() + ms, monotonic: systemClock.monotonic });

let house: RunningHouse;
afterEach(() => house.close());

describe.each([
  ['an hour slow', -HOUR_MS],
  ['an hour fast', HOUR_MS],
])('clients whose clock is %s', (_name, ms) => {
  it('list, bid, win and know what time it is', async () => {
    house = await RunningHouse.start();
    const [seller, bidder, rival] = await Promise.all([
      house.enrolled('sue', { clock: wrongBy(ms) }),
      house.enrolled('bob', { clock: wrongBy(ms) }),
      house.enrolled('rita', { clock: wrongBy(-ms) }),
    ]);
    const closesAt = Math.round(house.now()) + 60_000;
    const listing = await seller.list(house.terms({ closesAt }));
    expect(listing).toMatchObject({ outcome: 'accepted' });
    const at = Math.abs(bidder.time().at - house.now());
    expect(at).toBeLessThan(1_000);
    expect(await bidder.bid({ lot: 1, amount: 150 as Amount })).toMatchObject({ outcome: 'accepted' });
    expect(await rival.bid({ lot: 1, amount: 160 as Amount })).toMatchObject({ outcome: 'accepted' });
    await house.travelPastClosing(closesAt);
    await until('the disclosure', async () => (await rival.sales()).length === 1);
    expect(await rival.sales()).toMatchObject([{ counterparty: { username: 'sue' }, notice: { hammerPrice: 160 } }]);
    expect(await bidder.sales()).toEqual([]);
  });
});

describe.each([
  ['an hour slow', -HOUR_MS],
  ['an hour fast', HOUR_MS],
])('a DMS whose clock is %s', (_name, ms) => {
  it('judges stamps, papers and closings by the signed time', async () => {
    house = await RunningHouse.start({ dmsClock: wrongBy(ms) });
    const [seller, bidder] = [await house.participant('sue'), await house.participant('bob')];
    const [sellers, bidders] = [await house.rawSocket(seller), await house.rawSocket(bidder)];
    const lot = await house.list(seller, sellers);
    expect(await house.bid(bidder, bidders, lot, 150)).toMatchObject({ outcome: 'accepted' });
    await house.travelPastClosing(lot.terms.closesAt);
    const [closed] = await bidders.told('item_closed');
    expect(closed.at).toBeGreaterThanOrEqual(lot.terms.closesAt);
    expect(closed.at).toBeLessThan(lot.terms.closesAt + 10_000);
  });
});
