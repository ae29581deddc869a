import { beforeEach, describe, expect, it } from 'vitest';
import { bid, closingAt, lotOf, openHouse, stagedHouse, subjectOf } from '../house-fixture.ts';

let { journal, house, desk, records, accepted, rejected, refused } = await stagedHouse();
beforeEach(async () => {
  ({ journal, house, desk, records, accepted, rejected, refused } = await stagedHouse());
});

describe('a command that comes again', () => {
  it('twice at once: one record, one answer', async () => {
    const release = journal.hold();
    const inFlight = [house.submit(...desk), house.submit(...desk)];
    const opening = await bid(desk, { amount: 100 });
    const queued = [house.submit(...opening), house.submit(...opening), house.submit(...desk)];
    release();
    expect(await Promise.all(inFlight)).toEqual([accepted(1), accepted(1)]);
    expect(await Promise.all(queued)).toEqual([accepted(2), accepted(2), accepted(1)]);
    expect(await records()).toBe(2);
  });

  it('later, and after a restart: the original answer, whatever the lot has become', async () => {
    const opening = await bid(desk, { amount: 100 });
    await house.submit(...desk);
    await house.submit(...opening);
    await house.submit(...(await bid(desk, { who: 'another', amount: 500 })));
    await house.close(lotOf(desk), await closingAt(20_000));
    await house.stop();
    const again = (await openHouse(journal)).house;
    for (const one of [house, again])
      expect(one.recorded(opening[0].id)).toEqual({ subject: subjectOf('bidder'), answer: accepted(2) });
    expect(await again.submit(...opening)).toEqual(accepted(2));
    expect(await again.submit(...desk)).toEqual(accepted(1));
    expect(await records()).toBe(4);
  });

  it('by somebody else: refused, at once and after a restart', async () => {
    await house.submit(...desk);
    const opening = await bid(desk, { amount: 100 });
    const stolen = await bid(desk, { who: 'thief', amount: 200, id: opening[0].id });
    const atOnce = [house.submit(...opening), house.submit(...stolen)];
    expect(await Promise.all(atOnce)).toEqual([accepted(2), refused('id-in-use')]);
    expect(await house.submit(...stolen)).toEqual(refused('id-in-use'));
    await house.stop();
    const again = (await openHouse(journal)).house;
    expect(await again.submit(...stolen)).toEqual(refused('id-in-use'));
    expect(await records()).toBe(2);
  });

  it('by somebody else, while the first gets a no: judged for itself', async () => {
    await house.submit(...desk);
    const low = await bid(desk, { amount: 50 });
    const other = await bid(desk, { who: 'other', amount: 100, id: low[0].id });
    const answers = [house.submit(...low), house.submit(...other)];
    expect(await Promise.all(answers)).toEqual([rejected('bid-below-starting-price'), accepted(2)]);
  });
});
