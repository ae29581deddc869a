/** The company of `npm start`, at a real house: lively at once, kind to a newcomer, and alive after every journey in time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuctionClient } from '../../client/auction-client.ts';
import type { LotModel } from '../../client/store/model.ts';
import { isLeading, nextValidBid } from '../../client/store/select.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Amount, LotId } from '../../shared/wire/vocabulary.ts';
import { inviteCompany } from '../../start/company.ts';
import { RunningHouse } from '../support/running-house.ts';
import { until } from '../support/until.ts';

const PATIENCE_MS = 30_000;
/** Two journeys' worth of everybody's papers, on a machine that has more to do. */
const LIMIT_MS = 90_000;
const HOUR_MS = 3_600_000;

let house: RunningHouse;
let visitor: AuctionClient;
const evening = new AbortController();
const mistakes: unknown[] = [];
beforeAll(async () => {
  house = await RunningHouse.start();
  const guests = {
    welcome: async (name: string, contact: string) => refusing(await house.enrolled(name, { contact })),
  };
  const pauseMs = { least: 20, most: 60 };
  const { over } = await inviteCompany(guests, { signal: evening.signal, pauseMs });
  over.catch((error) => mistakes.push(error));
  visitor = await house.enrolled('visitor');
});
afterAll(async () => {
  evening.abort();
  await house.close();
});

/** While it is set, every command of the company is refused with it. */
let trouble: ProtocolError | undefined;
let refusals = 0;

function refusing(client: AuctionClient): AuctionClient {
  return new Proxy(client, {
    get: (target, name) => {
      const member = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      const isCommand = name === 'bid' || name === 'list';
      if (!isCommand || trouble === undefined) return member.bind(target);
      refusals += 1;
      return () => Promise.reject(trouble);
    },
  });
}

const open = () => [...visitor.model.lots.values()].filter(({ status }) => status === 'open');
const lotOf = (id: LotId) => visitor.model.lots.get(id)!;
const seen = <Value>(what: string, look: () => Value | undefined | false) => until(what, look, PATIENCE_MS);

async function bidOn(lot: LotModel, amount: number): Promise<void> {
  expect(await visitor.bid({ lot: lot.lot, amount: amount as Amount })).toMatchObject({ outcome: 'accepted' });
}

describe('the company', { timeout: LIMIT_MS }, () => {
  it('has lots to look at from the start: the same ones each time, one about to close', () => {
    expect(open().map(({ number, terms }) => [number, terms.title])).toEqual([
      [1, 'Brass desk lamp'],
      [2, 'Oak desk, 1920'],
      [3, 'Field camera'],
      [4, 'Atlas, 2 volumes'],
      [5, 'Silver fountain pen'],
      [6, 'Record player'],
      [7, 'Bicycle, restored'],
    ]);
    expect(Math.min(...open().map(({ closesAt }) => closesAt)) - visitor.time().at).toBeLessThan(60_000);
  });

  it('bids on what a newcomer lists', async () => {
    const closesAt = (visitor.time().at + 2 * HOUR_MS) as LotModel['closesAt'];
    const terms = { title: 'Lamp', currency: 'EUR', startingPrice: 2_000, increment: 1, closesAt } as LotModel['terms'];
    const answer = await visitor.list(terms);
    if (answer.outcome !== 'accepted') throw new Error(answer.reason);
    await seen('two bids on it', () => (visitor.model.lots.get(answer.lot)?.bids ?? 0) >= 2);
    // As people raise, not by a cent.
    expect((lotOf(answer.lot).leading?.amount ?? 0) % 50).toBe(0);
  });

  it('answers a bid, and lets somebody win who bids more than it is worth', async () => {
    // A lot on which somebody still wants to bid more.
    const [lot] = open().filter(({ terms }) => terms.title === 'Atlas, 2 volumes') as [LotModel];
    await bidOn(lot, nextValidBid(lotOf(lot.lot)));
    await seen('an answer', () => !isLeading(lotOf(lot.lot)));
    await bidOn(lot, 3 * lot.terms.startingPrice);
    await house.travelPastClosing(lotOf(lot.lot).closesAt);
    await seen('the name of the seller', () => lotOf(lot.lot).counterparty?.username === 'hannah');
    const [lamp] = [...visitor.model.lots.values()].filter(({ mine }) => mine) as [LotModel];
    expect(lamp.status).toBe('open');
  });

  it('goes on after it was refused', async () => {
    trouble = new ProtocolError('outcome-unknown');
    await seen('refusals', () => refusals >= 3);
    trouble = undefined;
    const before = visitor.position;
    await seen('another announcement', () => visitor.position > before);
    expect(mistakes).toEqual([]);
  });

  it.each([
    ['an hour', HOUR_MS],
    ['three days, longer than anybody has papers for', 72 * HOUR_MS],
  ])('is alive after a journey of %s', async (_name, byMs) => {
    const before = new Set(open().map(({ lot }) => lot));
    await house.travelTo(house.now() + byMs);
    const fresh = await seen('new lots', () => {
      const lots = open().filter(({ lot, mine }) => !mine && !before.has(lot));
      return lots.length >= 5 && lots;
    });
    await seen('bids on them', () => fresh.some(({ lot }) => lotOf(lot).bids >= 2));
    expect(fresh.every(({ closesAt }) => closesAt > visitor.time().at)).toBe(true);
    expect(mistakes).toEqual([]);
  });
});
