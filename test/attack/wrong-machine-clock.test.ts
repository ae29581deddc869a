/** Clocks of clients and DMS an hour off: there is one time source, nobody's own clock decides anything, and each bound holds to the millisecond. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeBase64url } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { CLOSING_GRACE_MS, TIMESTAMP_MAX_AGE_MS, TIMESTAMP_MAX_LEAD_MS } from '../../shared/wire/limits.ts';
import type { Amount, Instant } from '../../shared/wire/vocabulary.ts';
import type { HouseOptions } from '../support/house-servers.ts';
import { bidOn, type Participant, sealEnvelope } from '../support/participant.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { RunningHouse } from '../support/running-house.ts';
import { TestNode } from '../support/test-node.ts';
import { until } from '../support/until.ts';

const HOUR_MS = 3_600_000;
const wrongBy = (ms: number) => ({ now: () => systemClock.now() + ms, monotonic: systemClock.monotonic });

const houses: RunningHouse[] = [];
afterEach(async () => {
  for (const house of houses.splice(0)) await house.close();
});
async function start(options: HouseOptions = {}): Promise<RunningHouse> {
  const house = await RunningHouse.start(options);
  houses.push(house);
  return house;
}

describe.each([
  ['an hour slow', -HOUR_MS],
  ['an hour fast', HOUR_MS],
])('clients whose clock is %s', (_name, ms) => {
  it('list, bid, win and know what time it is', async () => {
    const house = await start();
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
    const house = await start({ dmsClock: wrongBy(ms) });
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

describe.each([
  ['right', 0],
  ['an hour slow', -HOUR_MS],
  ['an hour fast', HOUR_MS],
])('to the millisecond, at a DMS whose clock is %s', (_name, ms) => {
  let node: TestNode;
  let bidder: Participant;
  let socket: RawSocket;
  let lot: Awaited<ReturnType<TestNode['list']>>;
  let closesAt: number;
  beforeEach(async () => {
    node = await TestNode.start();
    // One clock serves both here: what the DMS's is wrong by, the service's is right by.
    node.service.clock.wall += ms;
    node.service.offset -= ms;
    const seller = await node.service.participant();
    bidder = await node.service.participant();
    lot = await node.list(seller, (await node.enter(seller)).socket);
    closesAt = lot.terms.closesAt;
    socket = (await node.enter(bidder)).socket;
  });
  afterEach(() => node.stop());

  /** The signed time goes on to this moment. */
  const goTo = (at: number) => node.service.clock.advance(at - node.service.now());

  it.each([
    [-1, { outcome: 'accepted' }],
    [0, { outcome: 'rejected', reason: 'timestamp-after-closing' }],
    [1, { outcome: 'rejected', reason: 'timestamp-after-closing' }],
  ])('a bid that is stamped %i ms from the closing: %j', async (offset, expected) => {
    goTo(closesAt + offset);
    expect(await node.bid(bidder, socket, lot, 10_000)).toMatchObject(expected);
  });

  it.each([
    [-1, 'open'],
    [0, 'unsold'],
    [1, 'unsold'],
  ])('a lot, %i ms from the end of the grace: %s', async (offset, status) => {
    goTo(closesAt + CLOSING_GRACE_MS + offset);
    await node.node.monitor.closeDue();
    expect(node.house.lots.get(lot.lot)?.status).toBe(status);
  });

  it.each([
    [-1, { outcome: 'accepted' }],
    [0, { outcome: 'accepted' }],
    [1, { outcome: 'refused', code: 'timestamp-stale' }],
  ])('a stamp, %i ms from the age that it may have: %j', async (offset, expected) => {
    const frame = await node.frame(bidder, socket, bidOn(lot.lot, lot.terms, 10_000));
    node.service.clock.advance(TIMESTAMP_MAX_AGE_MS + offset);
    expect(await socket.ask('command', frame)).toMatchObject(expected);
  });

  it.each([
    [-1, { outcome: 'accepted' }],
    [0, { outcome: 'accepted' }],
    [1, { outcome: 'refused', code: 'timestamp-ahead' }],
  ])('a stamp, %i ms from the lead that it may have: %j', async (offset, expected) => {
    const statement = await bidder.sign(bidOn(lot.lot, lot.terms, 10_000));
    const time = (node.service.now() + TIMESTAMP_MAX_LEAD_MS + offset) as Instant;
    const timestamp = await node.service.stamp(digestOfText(statement), { time });
    const sealed = await sealEnvelope(decodeBase64url(socket.offer!.sealingKey)!, { statement, timestamp });
    expect(await socket.ask('command', sealed)).toMatchObject(expected);
  });
});
