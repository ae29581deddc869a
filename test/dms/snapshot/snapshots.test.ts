import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pendingNotices } from '../../../dms/auction/queries.ts';
import { AuctionHouse } from '../../../dms/auction-house.ts';
import { HouseState } from '../../../dms/commit/house-state.ts';
import type { Journal } from '../../../dms/journal/journal.ts';
import { MemoryJournal } from '../../../dms/journal/memory-journal.ts';
import { programForm } from '../../../dms/snapshot/program-form.ts';
import { Snapshots } from '../../../dms/snapshot/snapshots.ts';
import { HouseId, type Position } from '../../../shared/wire/vocabulary.ts';
import { bid, HOUSE, listing, newSalt, openHouse } from '../house-fixture.ts';
import { acts, EVERYBODY, playOut } from './random-house.ts';

let folder: string;
let file: string;
let logged: { event: string; position?: number; reason?: string }[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gavel-snapshot-'));
  file = join(folder, 'snapshot');
  logged = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const log = {
  info: (line: object) => void logged.push(line as never),
  warn: (line: object) => void logged.push(line as never),
};
const said = () => logged.map(({ event }) => event);
/** Writes whenever there is something new. */
const eager = (form = 'a form') => new Snapshots({ file, form, log, pace: { worthIt: 1, maxBeyond: 1 } });
const never = new AbortController().signal;

/** What somebody could ever learn of a state. */
function everythingOf(state: HouseState | AuctionHouse, ids: readonly string[]) {
  const { lots, lotIds, lotsBySeller, notices, position, publicPosition, log } = state;
  const proofs = Array.from({ length: position }, (_, index) => [
    log.inclusion((index + 1) as Position, position),
    log.consistency((index + 1) as Position, position),
  ]);
  const recorded = ids.map((id) => state.recorded(id));
  const listed = [...lotIds];
  const pending = EVERYBODY.map((subject) => pendingNotices(notices.lotsOf(subject), subject));
  return {
    lots: [...lots],
    listed,
    pending,
    sellers: [...lotsBySeller],
    position,
    publicPosition,
    head: log.head(),
    proofs,
    recorded,
  };
}

/** The same journal as it was when it had `length` records. */
function upTo(journal: Journal, length: Position): Pick<Journal, 'read'> {
  return { read: (after, limit) => journal.read(after, Math.min(limit, length - after)) };
}

async function reopened(journal: MemoryJournal, snapshots = eager()): Promise<AuctionHouse> {
  await journal.close();
  return AuctionHouse.open({ journal, newSalt, publish: () => {}, snapshots });
}

/** A journal of 30 records with a snapshot at 20. */
async function snapshotAt20(): Promise<{ journal: MemoryJournal; house: AuctionHouse }> {
  const journal = new MemoryJournal(HOUSE);
  const { house } = await openHouse(journal);
  const desk = await listing();
  await house.submit(...desk);
  for (let amount = 100; house.position < 20; amount += 10) await house.submit(...(await bid(desk, { amount })));
  await eager().writeIfDue(house);
  for (let amount = 900; house.position < 30; amount += 10) await house.submit(...(await bid(desk, { amount })));
  logged.length = 0;
  return { journal, house };
}

describe('a snapshot', () => {
  it('and the rest of the journal make the state that all of it makes, for every journal and position', async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.nat(), async (drawn, some) => {
        const journal = new MemoryJournal(HOUSE);
        const { house } = await openHouse(journal);
        await playOut(house, drawn);
        const ids = (await journal.read(0 as Position, 1_000)).map(({ id }) => id);
        const at = ((some % house.position) + 1) as Position;
        const early = new HouseState();
        await early.catchUp(upTo(journal, at), () => {});
        const state = () => early.freeze();
        await eager().writeIfDue({ house: HOUSE, position: at, freeze: state });
        const again = await reopened(journal);
        expect(logged.at(-1)).toEqual({ event: 'snapshot-read', position: at });
        expect(everythingOf(again, ids)).toEqual(everythingOf(house, ids));
        expect(again.position).toBe(ids.length);
        await again.stop();
      }),
      { numRuns: 60 },
    );
  });

  it('is that of one position, whatever the house does while it is written', async () => {
    const journal = new MemoryJournal(HOUSE);
    const { house } = await openHouse(journal);
    const desk = await listing();
    await house.submit(...desk);
    for (let amount = 100; amount < 400; amount += 10) await house.submit(...(await bid(desk, { amount })));
    const writing = eager().writeIfDue(house);
    const { position } = house;
    for (let amount = 400; amount < 900; amount += 10) await house.submit(...(await bid(desk, { amount })));
    await house.submit(...(await listing({ terms: { title: 'Atlas' } })));
    await writing;
    expect(logged).toMatchObject([{ event: 'snapshot-written', position }]);
    const ids = (await journal.read(0 as Position, 1_000)).map(({ id }) => id);
    expect(everythingOf(await reopened(journal), ids)).toEqual(everythingOf(house, ids));
  });

  it('goes on as if nothing had been: repeats get their first answer, new bids are judged by all that was', async () => {
    const journal = new MemoryJournal(HOUSE);
    const { house } = await openHouse(journal);
    const desk = await listing();
    const first = await bid(desk, { who: 'ann', amount: 100 });
    const answers = [await house.submit(...desk), await house.submit(...first)];
    await eager().writeIfDue(house);
    const again = await reopened(journal);
    expect([await again.submit(...desk), await again.submit(...first)]).toEqual(answers);
    expect(await again.submit(...(await bid(desk, { who: 'bob', amount: 100 })))).toMatchObject({
      outcome: 'rejected',
    });
    expect(await again.submit(...(await bid(desk, { who: 'bob', amount: 110 })))).toMatchObject({ position: 3 });
  });

  it('is for the eyes of its owner alone, and leaves nothing beside it', async () => {
    await snapshotAt20();
    expect(readdirSync(folder)).toEqual(['snapshot']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is written when enough was recorded, and at the end only if it is worth it', async () => {
    const { house } = await snapshotAt20();
    const pace = { worthIt: 11, maxBeyond: 31 };
    const snapshots = new Snapshots({ file, form: 'a form', log, pace });
    await snapshots.writeIfDue(house);
    expect(said()).toEqual([]);
    await snapshots.writeLast(house, never);
    await snapshots.writeLast(house, never);
    expect(said()).toEqual(['snapshot-written']);
  });
});

describe('a snapshot that does not fit', () => {
  /** Opens the house on what `snapshotAt20` left, after `damage`: all is as without a snapshot, with one line in the log. */
  async function expectDiscarded(reason: string, damage: () => void, form?: string): Promise<void> {
    const { journal, house } = await snapshotAt20();
    damage();
    const again = await reopened(journal, eager(form));
    expect(logged).toEqual([{ event: 'snapshot-discarded', reason }]);
    expect(existsSync(file)).toBe(false);
    const ids = (await journal.read(0 as Position, 1_000)).map(({ id }) => id);
    expect(everythingOf(again, ids)).toEqual(everythingOf(house, ids));
  }

  it('is not missed when somebody removes it', async () => {
    const { journal, house } = await snapshotAt20();
    rmSync(file);
    const again = await reopened(journal);
    expect(logged).toEqual([]);
    expect([...again.lots]).toEqual([...house.lots]);
  });

  it('is thrown away if another version of the program wrote it', () =>
    expectDiscarded('another version of the program wrote it', () => {}, 'another form'));

  it('is thrown away if it is empty, cut off, or something else', async () => {
    await expectDiscarded('it is cut off', () => writeFileSync(file, readFileSync(file).subarray(0, -40)));
    await expectDiscarded('it is damaged', () => writeFileSync(file, ''));
    await expectDiscarded('it is damaged', () => writeFileSync(file, 'a diary '.repeat(1_000)));
  });

  it('is thrown away if any bit of it has flipped', async () => {
    const { journal, house } = await snapshotAt20();
    const good = readFileSync(file);
    const { root } = house.log.head();
    for (let at = 0; at < good.length; at += 7) {
      const bad = Buffer.from(good);
      bad[at]! ^= 1 << (at % 8);
      writeFileSync(file, bad);
      const again = await reopened(journal);
      expect(said()).toEqual(['snapshot-discarded']);
      expect(again.log.head().root).toEqual(root);
      logged.length = 0;
    }
  });

  it('is thrown away if it is of another house', async () => {
    await snapshotAt20();
    const other = new MemoryJournal(HouseId.parse('10000000-0000-4000-8000-000000000001'));
    const { state } = await eager().open(other);
    expect(state.position).toBe(0);
    expect(logged).toEqual([{ event: 'snapshot-discarded', reason: 'it is not of this journal' }]);
  });

  it('is thrown away if the journal is shorter, or has another history of the same house', async () => {
    for (const length of [10, 30]) {
      const { journal } = await snapshotAt20();
      const other = new MemoryJournal(HOUSE);
      const { house } = await openHouse(other);
      const desk = await listing();
      await house.submit(...desk);
      for (let amount = 100; house.position < length; amount += 10)
        await house.submit(...(await bid(desk, { amount })));
      const again = await reopened(other);
      expect(logged).toEqual([{ event: 'snapshot-discarded', reason: 'it is not of this journal' }]);
      expect([...again.lots]).toEqual([...house.lots]);
      await journal.close();
    }
  });

  it('costs a line in the log and nothing else if it can not be written', async () => {
    const { journal, house } = await snapshotAt20();
    const missing = new Snapshots({
      file: join(folder, 'no', 'where'),
      form: 'a form',
      log,
      pace: { worthIt: 1, maxBeyond: 1 },
    });
    await missing.writeIfDue(house);
    expect(said()).toEqual(['snapshot-not-written']);
    const over = AbortSignal.abort();
    await eager().writeLast(house, over);
    expect(said()).toEqual(['snapshot-not-written', 'snapshot-not-written']);
    // The one that was there is still there.
    expect(readdirSync(folder)).toEqual(['snapshot']);
    expect((await reopened(journal)).position).toBe(30);
  });
});

describe('the form of the program', () => {
  it('is the same at each look', () => {
    expect(programForm()).toMatch(/^[0-9a-f]{64}$/);
    expect(programForm()).toBe(programForm());
  });
});
