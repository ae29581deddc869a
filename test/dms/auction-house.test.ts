import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ListCommand } from '../../dms/auction/verified-command.ts';
import { AuctionHouse } from '../../dms/auction-house.ts';
import type { Journal } from '../../dms/journal/journal.ts';
import { MemoryJournal } from '../../dms/journal/memory-journal.ts';
import { SqliteJournal } from '../../dms/journal/sqlite-journal.ts';
import type { HouseId, Position } from '../../shared/wire/vocabulary.ts';
import {
  bid,
  closingAt,
  HOUSE,
  listing,
  lotOf,
  newSalt,
  openHouse,
  type Published,
  StagedJournal,
  type Submission,
  subjectOf,
  turnOver,
} from './house-fixture.ts';

const START = 0 as Position;
const envelopes = { seller: 'sealed to the seller', winner: 'sealed to the winner' };

let journal: StagedJournal;
let house: AuctionHouse;
let published: Published[];
let desk: Submission<ListCommand>;

beforeEach(async () => {
  journal = new StagedJournal();
  ({ house, published } = await openHouse(journal));
  desk = await listing();
});

/** The state in values: what two houses have to agree on. */
const stateOf = ({ lots, lotsBySeller, position, house }: AuctionHouse) => ({ lots, lotsBySeller, position, house });
const records = async () => (await journal.read(START, 10_000)).length;
const accepted = (position: number, number = 1) => ({ outcome: 'accepted', position, lot: lotOf(desk), number });
const rejected = (reason: string) => ({ outcome: 'rejected', reason });
const refused = (code: string) => ({ outcome: 'refused', code });

/** A whole auction of one lot: withheld bid, sale, disclosure, one receipt; and a second lot that nobody wants. */
async function playOut(on: AuctionHouse): Promise<void> {
  const atlas = await listing({ who: 'other seller', terms: { title: 'Atlas' } });
  await Promise.all([on.submit(...desk), on.submit(...atlas)]);
  await on.submit(...(await bid(desk, { who: 'ann', amount: 100 })));
  await on.submit(...(await bid(desk, { who: 'bob', amount: 120, at: 9_999, receivedAt: 10_100 })));
  await Promise.all([on.close(lotOf(desk), await closingAt(13_000)), on.close(lotOf(atlas), await closingAt(13_001))]);
  await on.recordDisclosure(lotOf(desk), envelopes);
  await on.acknowledge(subjectOf('bob'), lotOf(desk));
}

describe('the house', () => {
  it('records, then believes, then tells, then answers', async () => {
    const release = journal.hold();
    const answer = house.submit(...desk);
    await turnOver();
    expect(journal.batches).toHaveLength(1);
    expect([house.position, house.lots.size, published.length]).toEqual([0, 0, 0]);
    release();
    expect(await answer).toEqual(accepted(1));
    expect(house.lots.get(lotOf(desk))).toMatchObject({ number: 1, status: 'open', version: 1 });
    expect(house.lotsBySeller.get(subjectOf('seller'))).toEqual([lotOf(desk)]);
    expect(published).toMatchObject([{ position: 1, letters: [{ to: 'everybody' }] }]);
  });

  it('commits what comes in one turn of the event loop together, however many promises it went through', async () => {
    await house.submit(...desk);
    const bids = await Promise.all([100, 110, 120].map((amount) => bid(desk, { amount })));
    const answers = bids.map(async (one, steps) => {
      for (let step = 0; step < steps; step += 1) await undefined;
      return house.submit(...one);
    });
    expect((await Promise.all(answers)).map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(journal.batches.map(({ length }) => length)).toEqual([1, 3]);
  });

  it('records nothing for a no, and the id stays free', async () => {
    await house.submit(...desk);
    const low = await bid(desk, { amount: 99 });
    expect(await house.submit(...low)).toEqual(rejected('bid-below-starting-price'));
    expect(await house.submit(...(await bid(await listing(), { amount: 100 })))).toEqual(rejected('lot-not-found'));
    expect([await records(), published.length, house.position]).toEqual([1, 1, 1]);
    expect(house.recorded(low[0].id)).toBeUndefined();
    expect(await house.submit(...(await bid(desk, { amount: 100, id: low[0].id })))).toEqual(accepted(2));
  });

  it('publishes every record once, in order, a withheld bid without letters', async () => {
    await playOut(house);
    expect(published.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(published.map(({ letters }) => letters.length)).toEqual([1, 1, 1, 0, 2, 2, 2, 0]);
  });

  it('is the same house, in the same state, after a restart, and publishes nothing again', async () => {
    await playOut(house);
    const before = structuredClone(stateOf(house));
    await house.stop();
    const again = await openHouse(journal);
    expect(stateOf(again.house)).toStrictEqual(before);
    expect(again.published).toEqual([]);
    expect(before.house).toBe(HOUSE);
  });

  it('does all this with a journal on disk', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gavel-house-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const open = () =>
      openHouse(new SqliteJournal({ file: join(folder, 'journal.db'), newHouse: randomUUID() as string as HouseId }));
    const first = await open();
    await playOut(first.house);
    const before = structuredClone(stateOf(first.house));
    await first.house.stop();
    const again = await open();
    expect(stateOf(again.house)).toStrictEqual(before);
    await again.house.stop();
  });

  it('refuses to open a journal that is not what was written', async () => {
    await playOut(house);
    const recorded = await journal.read(START, 100);
    const open = async (change: (all: typeof recorded) => typeof recorded) => {
      const damaged = change(structuredClone(recorded));
      const read: Journal['read'] = async (after, limit) => damaged.slice(after, after + limit);
      const copy = new MemoryJournal(HOUSE);
      return openHouse(Object.assign(copy, { read }));
    };
    const damage = { code: 'record-damaged' };
    await expect(open((all) => all.slice(1))).rejects.toMatchObject(damage);
    await expect(open((all) => all.toSpliced(2, 1))).rejects.toMatchObject(damage);
    await expect(open((all) => all.with(3, { ...all[4]!, position: 4 as Position }))).rejects.toMatchObject(damage);
    await expect(open((all) => all.with(3, { ...all[3]!, version: 7 }))).rejects.toMatchObject(damage);
    const shifted = (all: typeof recorded) => all.map((one) => ({ ...one, position: (one.position + 1) as Position }));
    await expect(open(shifted)).rejects.toMatchObject(damage);
    const flipped = (all: typeof recorded) => {
      all[3]!.record.privatePart[20]! ^= 1;
      return all;
    };
    await expect(open(flipped)).rejects.toMatchObject(damage);
    expect((await open((all) => all)).house.position).toBe(8);
  });

  it('finishes what waits when it stops, then takes nothing more', async () => {
    const waiting = house.submit(...desk);
    const stopping = house.stop();
    expect(await house.submit(...(await bid(desk, { amount: 100 })))).toEqual(refused('shutting-down'));
    expect(await waiting).toEqual(accepted(1));
    await stopping;
  });
});

describe('a crash between recording and believing', () => {
  it('by a mistake of ours refuses nobody: what waits is recorded', async () => {
    const mistake = new TypeError('ours');
    const own = new StagedJournal();
    const broken = await AuctionHouse.open({
      ...{ journal: own, newSalt },
      publish: () => {
        throw mistake;
      },
    });
    await expect(broken.submit(...desk)).rejects.toMatchObject({ name: 'JournalFailed', cause: mistake });
    expect(await broken.failure).toBe(mistake);
    expect((await own.head()).position).toBe(1);
  });

  it('leaves nothing believed, told or answered; the restart finds it, once', async () => {
    await house.submit(...desk);
    const [first, second] = [await bid(desk, { amount: 100 }), await bid(desk, { who: 'ann', amount: 110 })];
    journal.failsAfterAppending = true;
    const answers = [house.submit(...first)];
    await turnOver();
    answers.push(house.submit(...second));
    await expect(answers[0]).rejects.toMatchObject({ name: 'JournalFailed' });
    await expect(answers[1]).rejects.toMatchObject({ name: 'JournalFailed' });
    expect(await house.failure).toMatchObject({ name: 'JournalFailed' });
    expect([house.position, published.length]).toEqual([1, 1]);
    // Nothing is tried again: the owner stops the process.
    journal.failsAfterAppending = false;
    await expect(house.submit(...second)).rejects.toMatchObject({ name: 'JournalFailed' });
    expect(journal.batches).toHaveLength(2);
    await house.stop();

    const again = (await openHouse(journal)).house;
    expect(again.position).toBe(2);
    expect(await again.submit(...first)).toEqual(accepted(2));
    expect(await again.submit(...second)).toEqual(accepted(3));

    const calm = (await openHouse(new StagedJournal())).house;
    for (const [command, evidence] of [desk, first, second]) await calm.submit(command, evidence);
    expect(stateOf(again)).toStrictEqual(stateOf(calm));
  });
});

describe('what the house records by itself', () => {
  it('a closing, once; it is not due if a bid has moved it meanwhile', async () => {
    desk = await listing({ terms: { extension: { window: 5_000, by: 5_000, until: 60_000 } } });
    await house.submit(...desk);
    const late = await bid(desk, { amount: 100, at: 9_000 });
    const together = [house.submit(...late), house.close(lotOf(desk), await closingAt(13_000))];
    expect(await Promise.all(together)).toEqual([accepted(2), { outcome: 'not-due' }]);
    const due = await closingAt(17_000);
    const twice = [house.close(lotOf(desk), due), house.close(lotOf(desk), await closingAt(18_000))];
    expect(await Promise.all(twice)).toEqual([accepted(3), accepted(3)]);
    expect(await house.close(lotOf(desk), due)).toEqual(accepted(3));
    expect(house.lots.get(lotOf(desk))).toMatchObject({ status: 'sold', closing: { at: 17_000 } });
    expect(await records()).toBe(3);
  });

  it('the disclosure of a sale, from evidence that is read back from the journal', async () => {
    const bids = [await bid(desk, { who: 'ann', amount: 100 }), await bid(desk, { who: 'bob', amount: 110 })] as const;
    const closing = await closingAt(13_000);
    for (const [command, evidence] of [desk, ...bids]) await house.submit(command, evidence);
    await house.close(lotOf(desk), closing);
    const evidence = await house.saleEvidence(house.lots.get(lotOf(desk))!);
    const sale = { house: HOUSE, lot: lotOf(desk), closesAt: 10_000 };
    expect(evidence).toEqual({ ...sale, listing: desk[1], bid: bids[1][1], closing });
    expect(await house.recordDisclosure(lotOf(desk), envelopes)).toEqual(accepted(5));
    expect(await house.recordDisclosure(lotOf(desk), { seller: 'x', winner: 'y' })).toEqual(accepted(5));
    expect(house.lots.get(lotOf(desk))?.notices.winner?.envelope).toBe(envelopes.winner);
  });

  it('the receipt of a notice, by its own party alone, once', async () => {
    await playOut(house);
    const before = await records();
    const ok = { outcome: 'accepted' };
    expect(await house.acknowledge(subjectOf('ann'), lotOf(desk))).toEqual(refused('notice-not-found'));
    expect(await house.acknowledge(subjectOf('seller'), lotOf(await listing()))).toEqual(refused('notice-not-found'));
    const twice = [1, 2].map(() => house.acknowledge(subjectOf('seller'), lotOf(desk)));
    expect(await Promise.all(twice)).toEqual([ok, ok]);
    expect(await house.acknowledge(subjectOf('seller'), lotOf(desk))).toEqual(ok);
    expect(await house.acknowledge(subjectOf('bob'), lotOf(desk))).toEqual(ok);
    expect(await records()).toBe(before + 1);
    expect(house.lots.get(lotOf(desk))?.notices.seller).toMatchObject({ acknowledged: true });
  });

  it('names nobody in the public part', async () => {
    await playOut(house);
    const names = ['seller', 'other seller', 'ann', 'bob'].flatMap((name) => [
      subjectOf(name),
      `certificate of ${name}`,
    ]);
    const parts = (await journal.read(START, 100)).map(({ record }) => Buffer.from(record.publicPart).toString());
    for (const secret of [...names, ...Object.values(envelopes), 'statement of'])
      expect(parts.filter((part) => part.includes(secret))).toEqual([]);
  });
});
