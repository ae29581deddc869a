import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { decide } from '../../../dms/auction/decide.ts';
import type { AuctionEvent } from '../../../dms/auction/events.ts';
import { evolve } from '../../../dms/auction/evolve.ts';
import type { Lot } from '../../../dms/auction/lot.ts';
import type { ListCommand, VerifiedCommand } from '../../../dms/auction/verified-command.ts';
import type { AuctionHouse } from '../../../dms/auction-house.ts';
import { eventOf } from '../../../dms/commit/event-record.ts';
import type { Journal } from '../../../dms/journal/journal.ts';
import { MemoryJournal } from '../../../dms/journal/memory-journal.ts';
import type { Accepted, Refused, Rejected } from '../../../shared/wire/commands.ts';
import type { LotId, Position } from '../../../shared/wire/vocabulary.ts';
import { bid, HOUSE, listing, lotOf, openHouse, StagedJournal, type Submission, turnOver } from '../house-fixture.ts';

const START = 0 as Position;

/** The commands of every run: two lots, and bids on them that are often too low, equal, or by the seller. */
let lots: Submission<ListCommand>[];
let commands: Submission<unknown>[];
beforeAll(async () => {
  const extension = { window: 5_000, by: 5_000, until: 60_000 };
  lots = await Promise.all([listing(), listing({ who: 'ann', terms: { extension } })]);
  const people = ['ann', 'bob', 'seller'];
  const bids = Array.from({ length: 40 }, (_, n) =>
    bid(lots[n % 2]!, { who: people[n % 3]!, amount: 90 + 5 * (n % 7), at: 2_000 + 800 * (n % 11), serial: 50 + n }),
  );
  commands = [...lots, ...(await Promise.all(bids))];
});

/** One after another, each on the state that the one before has left: what batches must not differ from. */
function oneByOne(order: readonly Submission<unknown>[]): { answers: object[]; events: AuctionEvent[] } {
  const state = new Map<LotId, Lot>();
  const events: AuctionEvent[] = [];
  const answers = order.map(([command]) => {
    const lot = command.type === 'list' ? (command.id as string as LotId) : command.lot;
    const decision = decide(state.get(lot), command, state.size + 1);
    if (!decision.accepted) return { outcome: 'rejected', reason: decision.reason };
    const position = events.push(decision.event) as Position;
    state.set(lot, evolve(state.get(lot), decision.event, position));
    return { outcome: 'accepted', position, lot, number: state.get(lot)?.number };
  });
  return { answers, events };
}

/** The same journal for a second house, which finds it open. */
function openAlready(journal: Journal): StagedJournal {
  const staged = new StagedJournal(journal);
  staged.open = staged.head;
  return staged;
}

async function eventsIn(journal: Journal): Promise<AuctionEvent[]> {
  let number = 0;
  return (await journal.read(START, 1_000)).map((recorded) => {
    const event = eventOf(recorded, number + 1);
    if (event.type === 'lot-listed') number += 1;
    return event;
  });
}

/** Submits all, a few in each turn of the event loop, so that batches of every size form. */
async function submitAll(
  order: readonly Submission<unknown>[],
  pauses: readonly boolean[],
  houses: readonly AuctionHouse[],
  picks: readonly number[] = [],
): Promise<(Accepted | Rejected | Refused)[]> {
  const answers: Promise<Accepted | Rejected | Refused>[] = [];
  for (const [n, [command, evidence]] of order.entries()) {
    answers.push(houses[picks[n] ?? 0]!.submit(command as VerifiedCommand, evidence));
    if (pauses[n]) await turnOver();
  }
  return Promise.all(answers);
}

const indices = fc.shuffledSubarray(
  Array.from({ length: 42 }, (_, n) => n),
  { minLength: 10 },
);
const pauses = fc.array(fc.boolean(), { minLength: 42, maxLength: 42 });

describe('decisions in batches', () => {
  it('are those of one command after another, however the batches fall', async () => {
    const plan = fc.asyncProperty(indices, pauses, async (order, pausing) => {
      const journal = new MemoryJournal(HOUSE);
      const { house } = await openHouse(journal);
      const submitted = order.map((n) => commands[n]!);
      const expected = oneByOne(submitted);
      expect(await submitAll(submitted, pausing, [house])).toEqual(expected.answers);
      expect(await eventsIn(journal)).toEqual(expected.events);
    });
    await fc.assert(plan, { numRuns: 60 });
  });

  it('hold for two houses on one journal: each record is right where it stands, each command there once', async () => {
    const picks = fc.array(fc.nat(1), { minLength: 42, maxLength: 42 });
    const plan = fc.asyncProperty(indices, pauses, picks, async (order, pausing, picked) => {
      const journal = new MemoryJournal(HOUSE);
      const first = await openHouse(journal);
      const second = await openHouse(openAlready(journal));
      // Every command twice, so that the same one is often sent to both houses at once.
      const submitted = [...order, ...order].map((n) => commands[n]!);
      const answers = await submitAll(
        submitted,
        pausing,
        [first.house, second.house],
        [...picked, ...picked.reverse()],
      );

      const recorded = await journal.read(START, 1_000);
      const events = await eventsIn(journal);
      const inOrder = recorded.map(({ id }) => submitted.find(([command]) => command.id === id)!);
      expect(new Set(inOrder).size).toBe(recorded.length);
      expect(oneByOne(inOrder).events).toEqual(events);
      const positions = new Map(recorded.map(({ id, position }) => [id, position]));
      for (const [n, answer] of answers.entries())
        if (answer.outcome === 'accepted') expect(answer.position).toBe(positions.get(submitted[n]![0].id));
      for (const { published } of [first, second])
        expect(published.map(({ position }) => position)).toEqual(published.map((_, n) => n + 1));
    });
    await fc.assert(plan, { numRuns: 60 });
  });

  /** Two houses know `desk`. The second decides on `batch` together; before it can append, the first records `sooner`. */
  async function overtaken(desk: Submission<ListCommand>, sooner: Submission<unknown>, batch: Submission<unknown>[]) {
    const journal = new MemoryJournal(HOUSE);
    const first = (await openHouse(journal)).house;
    await first.submit(...desk);
    const staged = openAlready(journal);
    const { house } = await openHouse(staged);
    const append = staged.append.bind(staged);
    staged.append = async (entries) => {
      if (staged.batches.length === 0) await first.submit(...sooner);
      return append(entries);
    };
    return Promise.all(batch.map(([command, evidence]) => house.submit(command, evidence)));
  }

  it('are made again, yes and no, when another house was quicker', async () => {
    const desk = await listing();
    const sooner = await bid(desk, { amount: 100 });
    // Alone, 105 would stand and 110 be too low after it; after 100 it is the other way round.
    const batch = [await bid(desk, { amount: 105 }), await bid(desk, { amount: 110 })];
    expect(await overtaken(desk, sooner, batch)).toEqual([
      { outcome: 'rejected', reason: 'bid-below-increment' },
      { outcome: 'accepted', position: 3, lot: lotOf(desk), number: 1 },
    ]);
  });

  it('do not pass for right because the other house has recorded as many bids', async () => {
    const desk = await listing();
    const sooner = await bid(desk, { amount: 110 });
    // 115 was decided on 105, and expects the version that 110 has made.
    const batch = [await bid(desk, { amount: 105 }), await bid(desk, { amount: 115 })];
    const no = { outcome: 'rejected', reason: 'bid-below-increment' };
    expect(await overtaken(desk, sooner, batch)).toEqual([no, no]);
  });
});
