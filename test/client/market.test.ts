import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Market, type MarketSession } from '../../client/market.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Announcement, CatalogueLot } from '../../shared/wire/announcements.ts';
import type { Digest, Position } from '../../shared/wire/vocabulary.ts';
import { refusalOf } from '../support/refusal.ts';
import { bid, catalogueLot, listed, lotId } from './lots.ts';

const p = (position: number) => position as Position;
const snapshot = (position: number, ...lots: CatalogueLot[]) =>
  ({ outcome: 'accepted', position: p(position), catchUp: { kind: 'snapshot', lots } }) as const;
const missed = (position: number, ...announcements: Announcement[]) =>
  ({ outcome: 'accepted', position: p(position), catchUp: { kind: 'missed', announcements } }) as const;

function sessionOf(
  current: MarketSession['current'],
  answers: Partial<MarketSession> = {},
): MarketSession & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    current,
    close: () => void asked.push('close'),
    lots: async (type) => {
      asked.push(type);
      return { outcome: 'accepted', position: current.position, lots: type === 'allitems' ? [catalogueLot(1)] : [] };
    },
    announcementsSince: async (since) => {
      asked.push(`since ${since}`);
      return current;
    },
    ...answers,
  };
}

let told: string[];
let failures: unknown[];
let market: Market;
beforeEach(() => {
  told = [];
  failures = [];
  market = new Market({
    afresh: () => void told.push('afresh'),
    announced: ({ event, position }) => void told.push(`${event} ${position}`),
    failed: (error) => void failures.push(error),
  });
});

describe('the market', () => {
  it('begins with a snapshot, and goes on with what is announced', async () => {
    market.begin();
    await market.open(sessionOf(snapshot(4, catalogueLot(1))));
    expect(market.model.position).toBe(4);
    market.collect([bid(5, 1, 10_000)]);
    expect(told).toEqual(['afresh']);
    market.check([{ after: p(4), position: p(5) }]);
    expect(told).toEqual(['afresh', 'someone_bid 5']);
    expect(market.model).toMatchObject({ position: 5 });
    expect(market.cursor).toBe(5);
  });

  it.each([
    ['what was missed', missed(4)],
    ['a snapshot', snapshot(4, catalogueLot(1))],
  ])('begins a further session with %s, though more is announced before it has begun', async (_, current) => {
    market.begin();
    await market.open(sessionOf(snapshot(4, catalogueLot(1))));
    const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<MarketSession['lots']>>>();
    const session = sessionOf(current, { lots: () => promise });
    market.begin();
    const opening = market.open(session);
    market.collect([bid(5, 1, 10_000)]);
    market.check([{ after: p(4), position: p(5) }]);
    resolve({ position: p(4), lots: [] });
    await opening;
    expect(told.filter((line) => line !== 'afresh')).toEqual(['someone_bid 5']);
    expect(market.model.position).toBe(5);
    expect(market.model.lots.get(lotId(1))?.leading).toMatchObject({ amount: 10_000, position: 5 });
    expect(session.asked).toEqual([]);
  });

  it('continued from a position knows the lots before it tells what was missed', async () => {
    const session = sessionOf(missed(3, bid(3, 1, 10_000)));
    market.begin();
    await market.open(session);
    expect(session.asked).toEqual(['allitems', 'myitems']);
    expect(told).toEqual(['someone_bid 3']);
    expect(market.model.lots.get(lotId(1))?.leading).toMatchObject({ amount: 10_000, position: 3 });
  });

  it('asks for what is missing at a gap, once, and tells everything in order', async () => {
    const { promise, resolve } = Promise.withResolvers<MarketSession['current']>();
    const asked: number[] = [];
    market.begin();
    await market.open(
      sessionOf(snapshot(1, catalogueLot(1)), {
        announcementsSince: (since) => {
          asked.push(since);
          return promise;
        },
      }),
    );
    market.collect([bid(4, 1, 12_000)]);
    market.check([{ after: p(3), position: p(4) }]);
    market.collect([bid(5, 1, 13_000)]);
    market.check([{ after: p(4), position: p(5) }]);
    resolve(missed(4, bid(2, 1, 10_000), bid(3, 1, 11_000), bid(4, 1, 12_000)));
    await vi.waitFor(() => expect(market.cursor).toBe(5));
    expect(asked).toEqual([1]);
    expect(told).toEqual(['afresh', 'someone_bid 2', 'someone_bid 3', 'someone_bid 4', 'someone_bid 5']);
  });

  it('leaves a session that does not answer at a gap', async () => {
    const session = sessionOf(snapshot(1, catalogueLot(1)), {
      announcementsSince: () => Promise.reject(new ProtocolError('outcome-unknown')),
    });
    market.begin();
    await market.open(session);
    market.check([{ after: p(3), position: p(4) }]);
    await vi.waitFor(() => expect(session.asked).toContain('close'));
    expect(failures).toEqual([]);
  });

  it('believes no digest that is not of the terms', async () => {
    const lot = { ...catalogueLot(1), termsDigest: catalogueLot(2).termsDigest as Digest };
    market.begin();
    expect(await refusalOf(market.open(sessionOf(snapshot(1, lot))))).toBe('peer-untrusted');
    expect(market.model.lots.size).toBe(0);
  });

  it('knows the digest of terms that were announced', async () => {
    market.begin();
    await market.open(sessionOf(snapshot(0)));
    market.collect([listed(1, 1)]);
    market.check([{ after: p(0), position: p(1) }]);
    expect(market.model.lots.get(lotId(1))?.termsDigest).toBe(catalogueLot(1).termsDigest);
  });
});
