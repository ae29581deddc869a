/** The bidders of the whole pipeline's bench, in a house that runs: what they count is what happened. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { enrolAll } from '../../bench/commands/enrol-all.ts';
import { poissonMoments, until } from '../../bench/pipeline/arrivals.ts';
import { Bidder } from '../../bench/pipeline/bidder.ts';
import { Hall } from '../../bench/pipeline/hall.ts';
import { makeSeats, type Seat } from '../../bench/pipeline/seats.ts';
import { Tally } from '../../bench/pipeline/tally.ts';
import { frameOf, Wire } from '../../bench/pipeline/wire.ts';
import type { OpenedAccess } from '../../client/open-access.ts';
import { openStatement } from '../../dms/intake/open-statement.ts';
import { parseJws } from '../../shared/crypto/jws.ts';
import { TimestampBatchClaims } from '../../shared/wire/timestamp-token.ts';
import type { LotId } from '../../shared/wire/vocabulary.ts';
import { RunningHouse } from '../support/running-house.ts';

const LIMIT_MS = 30_000;

let running: RunningHouse;
let everybody: OpenedAccess[];
const halls: Hall[] = [];
beforeAll(async () => {
  running = await RunningHouse.start();
  const { root, serviceUrl: trustedServiceUrl, home: folder } = running;
  const usernames = ['sally', 'ann', 'ben', 'cleo'];
  everybody = await enrolAll({ folder: join(folder, 'people'), trustedServiceUrl, rootPem: root.pem, usernames });
}, LIMIT_MS);
afterEach(() => {
  for (const hall of halls.splice(0)) hall.close();
});
afterAll(async () => {
  for (const { api } of everybody) await api.close();
  await running.close();
});

async function hallWith(lots: number): Promise<Hall> {
  const hall = new Hall(everybody);
  halls.push(hall);
  await hall.enterHouse(running.dmsUrl, lots);
  return hall;
}

describe('a hall', () => {
  it('has every bid accepted while one is under way on each lot, and verifies receipts', async () => {
    const hall = await hallWith(3);
    await hall.prepare(12);
    const first = await hall.saturate('house', LIMIT_MS, 1);
    await hall.prepare(6);
    const second = await hall.saturate('house', LIMIT_MS, 1);
    expect([first, second]).toMatchObject([
      { answered: 12, accepted: 12, others: {}, verified: 1 },
      { answered: 6, accepted: 6, others: {}, verified: 1 },
    ]);
    expect(first.answeredMs).toHaveLength(12);
    expect(first.to).toBeGreaterThan(first.from);
    expect(first.answerBytes).toBeGreaterThan(12 * 500);
  });

  it('sends nothing any more when the time is over', async () => {
    const hall = await hallWith(1);
    await hall.prepare(3);
    expect(await hall.saturate('house', 0, 2)).toMatchObject({ answered: 0, accepted: 0, verified: 0 });
  });

  it('counts by its reason what is not accepted', async () => {
    const hall = await hallWith(2);
    await hall.prepare(4);
    const before = await hall.saturate('house', LIMIT_MS, 1);
    // The same frames once more: each is the repeat of a command that was accepted, and gets the answer of then.
    const repeated = await hall.saturate('house', LIMIT_MS, 1);
    expect([before.accepted, repeated.accepted]).toEqual([4, 4]);
    const tally = new Tally<string>('house');
    tally.take('a', '[{"outcome":"rejected","reason":"bid-below-increment"}]', 1);
    tally.take('b', '[{"outcome":"refused","code":"timestamp-stale"}]', 1);
    tally.take('c', '[{"outcome":"rejected","reason":"bid-below-increment"}]', 1);
    tally.take('d', '[{"outcome":"accepted","position":7}]', 2);
    expect(tally.result()).toMatchObject({
      answered: 4,
      accepted: 1,
      others: { 'bid-below-increment': 2, 'timestamp-stale': 1 },
      answeredMs: [2],
    });
    expect([tally.position, tally.samples]).toEqual([7, [{ bid: 'd', answer: { outcome: 'accepted', position: 7 } }]]);
  });

  it('lets bids arrive at their moments, and counts from there', async () => {
    const hall = await hallWith(2);
    await hall.prepare(4);
    const began = performance.now();
    const sent = await hall.arrive('house', [1, 40, 40.5, 80]);
    expect(performance.now() - began).toBeGreaterThanOrEqual(80);
    expect(sent).toMatchObject({ answered: 4, accepted: 4, others: {} });
    expect(sent.lateMs.every((ms) => ms >= 0)).toBe(true);
    await hall.prepare(1);
    // Half a second ago.
    const [late = 0] = (await hall.arrive('house', [-500])).answeredMs;
    expect(late).toBeGreaterThan(500);
  });
});

describe('a bidder', () => {
  it('takes no receipt for another bid than his', async () => {
    const [seller, ann] = everybody as [OpenedAccess, OpenedAccess];
    const [offering, bidder] = [await Bidder.enter(seller, running.dmsUrl), await Bidder.enter(ann, running.dmsUrl)];
    const terms = running.terms({ startingPrice: 1 });
    const listing = await offering.sign({ type: 'list', id: randomUUID(), ...terms });
    const [listed] = JSON.parse(await offering.wire.exchange(await offering.prepare(listing)));
    await expect(offering.verify(listing, listed)).resolves.toBeUndefined();
    const claims = running.bidClaims({ lot: listed.lot, number: 1, terms }, 5);
    const [bid, other] = [await bidder.sign(claims), await bidder.sign(claims)];
    const [answer] = JSON.parse(await bidder.wire.exchange(await bidder.prepare(bid)));
    await expect(bidder.verify(bid, answer)).resolves.toBeUndefined();
    await expect(bidder.verify(other, answer)).rejects.toMatchObject({ code: 'receipt-invalid' });
    for (const { wire } of [offering, bidder]) wire.close();
  });
});

describe('a wire', () => {
  it('is not opened to who is nobody', async () => {
    await expect(Wire.open(running.dmsUrl, running.root, {})).rejects.toThrow();
  });

  it('fails what waits for an answer when it ends, and what comes after', async () => {
    const { wire } = await Bidder.enter(everybody[1] as OpenedAccess, running.dmsUrl);
    const waiting = wire.ask('query', { type: 'allitems' });
    wire.close();
    await expect(waiting).rejects.toThrow('the connection is over');
    await expect(wire.ask('query', { type: 'allitems' })).rejects.toThrow('the connection is over');
  });
});

describe('arrivals', () => {
  it('are the same for the same seed, in order, and as many as asked for', () => {
    const moments = poissonMoments('a seed', 2_000, 10_000);
    expect(moments).toEqual(poissonMoments('a seed', 2_000, 10_000));
    expect(moments).not.toEqual(poissonMoments('another', 2_000, 10_000));
    expect(moments).toEqual(moments.toSorted((one, other) => one - other));
    expect(moments.at(-1)).toBeLessThan(10_000);
    // Twenty thousand, and five times the spread of such a process.
    expect(Math.abs(moments.length - 20_000)).toBeLessThan(5 * Math.sqrt(20_000));
  });

  it('come not too early, and not at all late where the moment is over', async () => {
    const at = performance.now() + 5;
    await until(at);
    expect(performance.now()).toBeGreaterThanOrEqual(at);
    await until(at);
  });
});

describe('a seat', () => {
  it('has bids that nobody else can open, signed and in a batch of stamps, and not one alone', async () => {
    const [seat, neighbour] = (await makeSeats(2)) as [Seat, Seat];
    const commands = [seat, neighbour].flatMap((one) => Array.from({ length: 8 }, (_, turn) => one.command(turn)));
    expect(new Set(commands).size).toBe(16);
    expect(seat.command(8)).toBe(seat.command(0));
    for (const [index, command] of commands.entries()) {
      const [own, other] = index < 8 ? [seat, neighbour] : [neighbour, seat];
      const { claims, envelope, climbed } = await openStatement(command, own.keys);
      expect(claims.type).toBe('bid');
      const batch = parseJws(envelope.timestamp.batch, 'timestamp-batch+jwt', TimestampBatchClaims);
      expect(climbed).toEqual({ root: batch.claims.root, size: 2 });
      await expect(openStatement(command, other.keys)).rejects.toMatchObject({ code: 'envelope-unreadable' });
    }
  });

  it('has bids that are as long as those of bidders', async () => {
    const bidder = await Bidder.enter(everybody[1] as OpenedAccess, running.dmsUrl);
    const claims = running.bidClaims({ lot: randomUUID() as LotId, number: 1, terms: running.terms({}) }, 1_000);
    const frame = await bidder.prepare(await bidder.sign(claims));
    bidder.wire.close();
    const [seat] = (await makeSeats(1)) as [Seat];
    // Numbers of other lengths, of the stamp.
    expect(Math.abs(frameOf('command', seat.command(0)).length - frame.length)).toBeLessThanOrEqual(12);
  });
});
