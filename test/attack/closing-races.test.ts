/** A bid and the closing at once, a lot closed twice, a crash at any append: one end of each lot, and what is believed is what is recorded. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BidPlaced } from '../../dms/auction/events.ts';
import type { BidCommand, ListCommand, VerifiedCommand } from '../../dms/auction/verified-command.ts';
import type { AuctionHouse } from '../../dms/auction-house.ts';
import { eventOf } from '../../dms/commit/event-record.ts';
import { type Entry, JournalFailed, type Outcome } from '../../dms/journal/journal.ts';
import { MemoryJournal } from '../../dms/journal/memory-journal.ts';
import type { Accepted } from '../../shared/wire/commands.ts';
import type { Position } from '../../shared/wire/vocabulary.ts';
import {
  bid,
  closingAt,
  HOUSE,
  listing,
  lotOf,
  openHouse,
  type Published,
  type Submission,
} from '../dms/house-fixture.ts';

/** Dies in the append of this number, of which so many records reach the disk. */
class MortalJournal extends MemoryJournal {
  left = Number.POSITIVE_INFINITY;
  survivors = 0;

  override async append(batch: readonly Entry[]): Promise<Outcome[]> {
    this.left -= 1;
    if (this.left >= 0) return super.append(batch);
    await super.append(batch.slice(0, this.survivors));
    throw new JournalFailed('the power went');
  }
}

/** What is done, in its order: a bid of somebody, or a closing by a signed time. */
type Deed =
  | { readonly bid: { readonly who: string; readonly amount: number; readonly at: number; readonly late: number } }
  | { readonly closing: number };

const deeds: fc.Arbitrary<readonly Deed[]> = fc
  .record({
    bids: fc.array(
      fc.record({
        bid: fc.record({
          who: fc.constantFrom('ann', 'bob', 'cy'),
          amount: fc.integer({ min: 9, max: 14 }).map((tens) => tens * 10),
          at: fc.integer({ min: 7_000, max: 12_500 }),
          late: fc.integer({ min: 0, max: 3_000 }),
        }),
      }),
      { minLength: 1, maxLength: 12 },
    ),
    closings: fc.array(fc.record({ closing: fc.integer({ min: 12_000, max: 18_000 }) }), {
      minLength: 2,
      maxLength: 4,
    }),
  })
  .chain(({ bids, closings }) =>
    fc.shuffledSubarray([...bids, ...closings], { minLength: bids.length + closings.length }),
  );

const crash = fc.record({ at: fc.nat(4), survivors: fc.nat(3) });
const pauses = fc.array(fc.boolean(), { minLength: 16, maxLength: 16 });

type Prepared = Submission<BidCommand> | Awaited<ReturnType<typeof closingAt>>;

async function prepare(desk: Submission<ListCommand>, all: readonly Deed[]): Promise<Prepared[]> {
  return Promise.all(
    all.map((deed) => {
      if ('closing' in deed) return closingAt(deed.closing);
      const { who, amount, at, late } = deed.bid;
      return bid(desk, { who, amount, at, receivedAt: at + late });
    }),
  );
}

type Answer = Awaited<ReturnType<AuctionHouse['submit']>> | Awaited<ReturnType<AuctionHouse['close']>> | 'no answer';

/** Does everything, some of it in one turn of the event loop; who gets no answer because of a crash is told so. */
async function doAll(
  house: AuctionHouse,
  desk: Submission<ListCommand>,
  prepared: readonly Prepared[],
  pausing: readonly boolean[],
): Promise<Answer[]> {
  const answers: Promise<Answer>[] = [];
  for (const [index, one] of prepared.entries()) {
    const given = 'nonce' in one ? house.close(lotOf(desk), one) : house.submit(one[0] as VerifiedCommand, one[1]);
    answers.push(
      given.catch((error: unknown) => {
        if (error instanceof JournalFailed) return 'no answer';
        throw error;
      }),
    );
    if (pausing[index]) await new Promise((resolve) => setImmediate(resolve));
  }
  return Promise.all(answers);
}

const stateOf = ({ lots, lotsBySeller, position }: AuctionHouse) => ({ lots, lotsBySeller, position });

async function eventsIn(journal: MemoryJournal) {
  return (await journal.read(0 as Position, 1_000)).map((recorded) => eventOf(recorded, 1));
}

/** The ten lines of an auditor: what an auction is, whoever runs it. */
async function expectOneAuction(house: AuctionHouse, journal: MortalJournal): Promise<void> {
  const events = await eventsIn(journal);
  const closings = events.filter(({ type }) => type === 'lot-closed');
  expect(closings).toHaveLength(1);
  expect(events.at(-1)).toBe(closings[0]);
  const bids = events.filter((event): event is BidPlaced => event.type === 'bid-placed');
  const best = bids.toSorted((a, b) => b.amount - a.amount || a.at - b.at || a.serial - b.serial)[0];
  const closed = closings[0]!;
  expect(closed).toMatchObject(best ? { outcome: 'sold', hammerPrice: best.amount } : { outcome: 'unsold' });
  const [lot] = house.lots.values();
  expect(lot?.closing?.winning?.pseudonym).toBe(best?.pseudonym);
}

const accepted = (answers: readonly Answer[]) =>
  [...answers.entries()].flatMap(([index, answer]): [number, Accepted][] => {
    return answer !== 'no answer' && answer.outcome === 'accepted' ? [[index, answer]] : [];
  });

/** What was acknowledged is there, and is what it was acknowledged as. */
function expectRecorded(
  answers: readonly Answer[],
  prepared: readonly Prepared[],
  events: Awaited<ReturnType<typeof eventsIn>>,
): void {
  for (const [index, { position }] of accepted(answers)) {
    expect(events[position - 1]?.type).toBe('nonce' in prepared[index]! ? 'lot-closed' : 'bid-placed');
  }
}

/** Each record is told once at most, in order. */
function expectToldInOrder(published: readonly Published[]): void {
  const positions = published.map(({ position }) => position);
  expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
}

describe('bids and closings at once', () => {
  it('end each lot once, by the greatest bid, whatever the order and wherever the power goes', async () => {
    let crashes = 0;
    const plan = fc.asyncProperty(deeds, pauses, crash, async (all, pausing, { at, survivors }) => {
      const extension = { window: 2_000, by: 2_000, until: 14_000 };
      const desk = await listing({ terms: { extension } });
      const prepared = await prepare(desk, all);
      const journal = new MortalJournal(HOUSE);
      const first = await openHouse(journal);
      await first.house.submit(...desk);
      journal.left = at;
      journal.survivors = survivors;
      const answers = await doAll(first.house, desk, prepared, pausing);
      crashes += Number(journal.left < 0);
      expectToldInOrder(first.published);
      const told = first.published.length;
      const believed = first.house.position;
      await first.house.stop();

      journal.left = Number.POSITIVE_INFINITY;
      const again = await openHouse(journal);
      // What was believed and told was recorded, and nothing more than that.
      expect(believed).toBeLessThanOrEqual(again.house.position);
      expect(told).toBe(believed);
      expectRecorded(answers, prepared, await eventsIn(journal));
      // Everybody asks again, and the lot is closed at last; the answers that were given stand.
      const secondly = await doAll(again.house, desk, prepared, pausing);
      await again.house.close(lotOf(desk), await closingAt(20_000));
      for (const [index, answer] of accepted(answers)) expect(secondly[index]).toEqual(answer);
      expectToldInOrder(again.published);
      await expectOneAuction(again.house, journal);
      // The fold of what is recorded is what is believed.
      await again.house.stop();
      const folded = await openHouse(journal);
      expect(stateOf(folded.house)).toStrictEqual(stateOf(again.house));
      await folded.house.stop();
    });
    await fc.assert(plan, { numRuns: 300 });
    expect(crashes).toBeGreaterThan(50);
  });

  it('twice in one turn close it once, and both hear the same', async () => {
    const desk = await listing();
    const journal = new MortalJournal(HOUSE);
    const { house, published } = await openHouse(journal);
    await house.submit(...desk);
    const closings = await Promise.all([13_000, 13_000, 13_001].map(closingAt));
    const answers = await Promise.all(closings.map((evidence) => house.close(lotOf(desk), evidence)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    const late = await bid(desk, { amount: 500, at: 9_999, receivedAt: 13_001 });
    expect(await house.submit(...late)).toEqual({ outcome: 'rejected', reason: 'lot-closed' });
    expect((await eventsIn(journal)).map(({ type }) => type)).toEqual(['lot-listed', 'lot-closed']);
    expectToldInOrder(published);
    await house.stop();
  });
});
