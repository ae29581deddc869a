/** What holds in every auction, tried on random ones. fast-check prints the seed and path that replay a failure. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evolve } from '../../../dms/auction/evolve.ts';
import type { Lot } from '../../../dms/auction/lot.ts';
import { catalogueLot } from '../../../dms/auction/queries.ts';
import type { Position } from '../../../shared/wire/vocabulary.ts';
import { Auditor } from './auditor.ts';
import { auctions, commandOf, play, type RandomAuction, type RandomStep } from './random-auction.ts';
import { bid, close, type PlainBid, pseudonymOf, Saleroom, type Step } from './saleroom.ts';

const RUNS = { numRuns: 300 };

/** A step in the auditor's words. */
function inWords({ answer, letters }: Step, serialOf: ReadonlyMap<string, number>) {
  const announced = letters.flatMap((letter) =>
    'announcement' in letter && letter.announcement.event === 'someone_bid'
      ? [serialOf.get(letter.announcement.pseudonym)]
      : [],
  );
  return { answer: answerInWords(answer, serialOf), announced };
}

function answerInWords(answer: Step['answer'], serialOf: ReadonlyMap<string, number>): string {
  if (!answer.accepted) return answer.reason;
  const { event } = answer;
  if (event.type === 'bid-placed') return event.withheld ? 'withheld' : 'accepted';
  if (event.type !== 'lot-closed' || event.pseudonym === undefined) return 'unsold';
  return `sold ${serialOf.get(event.pseudonym)} for ${event.hammerPrice}`;
}

const serialsOf = ({ steps }: RandomAuction) =>
  new Map(steps.flatMap((step) => (step.type === 'bid' ? [[pseudonymOf(step.bid.serial), step.bid.serial]] : [])));

/** Plays house and auditor side by side; gives what both said. */
function audited(auction: RandomAuction): string[] {
  const room = Saleroom.withLot(auction.terms);
  const auditor = new Auditor(auction.terms);
  const serialOf = serialsOf(auction);
  return auction.steps.map((step) => {
    const expected = step.type === 'bid' ? auditor.bid(step.bid) : auditor.close(step.at);
    expect(inWords(room.submit(commandOf(step)), serialOf)).toEqual(expected);
    const told = auditor.toldBids();
    expect(room.open.closesAt).toBe(auditor.closesAt());
    expect(room.open.leading?.serial).toBe(auditor.winner()?.serial);
    expect(room.open.told.bids).toBe(told.length);
    expect(room.open.version).toBe(room.position);
    if (room.open.status === 'open') expect(room.open.told.closesAt).toBe(auditor.closesAt(told));
    return expected.announced.length > 1 ? `${expected.answer} telling` : expected.answer.replace(/ .*/, '');
  });
}

describe('every auction', () => {
  it('goes as the auditor says, with soft closing or without', () => {
    fc.assert(
      fc.property(auctions(), (auction) => {
        audited(auction);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is random enough to have met every outcome', () => {
    const met = new Set(fc.sample(auctions(), { numRuns: 500, seed: 2 }).flatMap(audited));
    const outcomes = [
      'accepted',
      'accepted telling',
      'withheld',
      'sold',
      'unsold',
      'not-due',
      'tie-lost',
      'lot-closed',
    ];
    expect([...met]).toEqual(
      expect.arrayContaining([
        ...outcomes,
        'bidder-is-seller',
        'timestamp-before-listing',
        'timestamp-after-closing',
        'bid-below-starting-price',
        'bid-below-increment',
      ]),
    );
  });

  it('records no bid stamped at or after the effective closing, and none after the lot closed', () => {
    fc.assert(
      fc.property(auctions(), (auction) => {
        const room = Saleroom.withLot(auction.terms);
        let closed = false;
        for (const step of auction.steps) {
          const { closesAt } = room.open;
          const { answer } = room.submit(commandOf(step));
          if (answer.accepted && step.type === 'bid') expect(closed || step.bid.at >= closesAt).toBe(false);
          closed ||= answer.accepted && step.type === 'close';
        }
        expect(room.events.filter(({ type }) => type === 'lot-closed')).toHaveLength(1);
      }),
      RUNS,
    );
  });

  it('is the fold of its events, in memory and through JSON', () => {
    fc.assert(
      fc.property(auctions(), (auction) => {
        const room = play(auction);
        const recorded: typeof room.events = JSON.parse(JSON.stringify(room.events));
        const folded = recorded.reduce<Lot | undefined>(
          (lot, event, index) => evolve(lot, event, (index + 1) as Position),
          undefined,
        );
        expect(folded).toStrictEqual(room.lot);
      }),
      RUNS,
    );
  });
});

describe('with increment 1 and no soft closing', () => {
  /** Bids that all arrive before the closing or in the grace; many ties, some that break a rule. */
  const bids = fc
    .array(
      fc.record({
        who: fc.constantFrom('ann', 'bob', 'cy', 'seller'),
        amount: fc.integer({ min: 98, max: 104 }),
        at: fc.oneof(fc.integer({ min: -1, max: 2 }), fc.integer({ min: 9_997, max: 10_001 })),
      }),
      { maxLength: 9 },
    )
    .chain((drawn) =>
      fc
        .shuffledSubarray(
          drawn.map((_, index) => index + 2),
          { minLength: drawn.length },
        )
        .map((serials) => drawn.map((one, index): PlainBid => ({ ...one, serial: serials[index]! }))),
    );
  const arrivals = bids.chain((all) =>
    fc.record({
      all: fc.constant(all),
      order: fc.shuffledSubarray(all, { minLength: all.length }),
      times: fc
        .array(fc.integer({ min: 0, max: 12_999 }), { minLength: all.length, maxLength: all.length })
        .map((times) => times.sort((a, b) => a - b)),
    }),
  );

  it('winner and price do not depend on the order of arrival', () => {
    fc.assert(
      fc.property(arrivals, ({ all, order, times }) => {
        const room = Saleroom.withLot();
        order.forEach((one, index) => {
          room.submit(bid({ ...one, receivedAt: times[index]! }));
        });
        room.submit(close(13_000));
        const [greatest] = all
          .filter(({ who, amount, at }) => who !== 'seller' && amount >= 100 && at >= 0 && at < 10_000)
          .sort((a, b) => b.amount - a.amount || a.at - b.at || a.serial - b.serial);
        expect(room.open.closing?.winning?.serial).toBe(greatest?.serial);
        expect(room.open.closing?.winning?.amount).toBe(greatest?.amount);
      }),
      { numRuns: 2_000 },
    );
  });
});

/** An auction up to the release of its first withheld bids, for the properties below. */
function untilRelease({ terms, steps }: RandomAuction) {
  const room = Saleroom.withLot(terms);
  const listed = room.open;
  const seen = steps.map((step) => ({ step, result: room.submit(commandOf(step)), lot: room.open }));
  const first = seen.findIndex(({ lot }) => lot.withheld.length > 0);
  const length = seen.slice(first).findIndex(({ lot }) => lot.withheld.length === 0);
  const release = first + length;
  return { terms, seen, first, before: seen[first - 1]?.lot ?? listed, secret: seen.slice(first, release), release };
}

describe('a withheld bid', () => {
  const rounds = auctions({ from: [9_900] }).map(untilRelease);

  it('is in nothing that is told before it is released, and in what is told then', () => {
    fc.assert(
      fc.property(rounds, ({ before, secret, seen, first, release }) => {
        fc.pre(first >= 0);
        for (const { lot, result } of secret) {
          expect(lot.told).toEqual(before.told);
          expect(catalogueLot(lot)).toEqual(catalogueLot(before));
          expect(result.letters).toEqual([]);
        }
        const released = JSON.stringify(seen[release]?.result.letters);
        const pseudonyms = secret.at(-1)?.lot.withheld.map(({ pseudonym }) => pseudonym) ?? [];
        expect(pseudonyms.length).toBeGreaterThan(0);
        expect(pseudonyms.filter((pseudonym) => !released.includes(pseudonym))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('of another amount changes no answer and no letter before it is released', () => {
    fc.assert(
      fc.property(rounds, fc.nat(50), ({ terms, seen, first, release }, more) => {
        fc.pre(first >= 0);
        const again = Saleroom.withLot(terms);
        seen.slice(0, release).forEach(({ step, result }, index) => {
          // More by at least the largest increment: the changed bid is accepted like the first one.
          const other = again.submit(commandOf(index === first ? raised(step, 5 + more) : step));
          if (index === first) expect(other).toMatchObject({ answer: { event: { withheld: true } }, letters: [] });
          else expect(other).toEqual(result);
        });
      }),
      RUNS,
    );
  });
});

function raised(step: RandomStep, by: number): RandomStep {
  return step.type === 'bid' ? { type: 'bid', bid: { ...step.bid, amount: step.bid.amount + by } } : step;
}
