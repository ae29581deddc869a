import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Entry, Journal, Outcome, Recorded } from '../../../dms/journal/journal.ts';
import { MemoryJournal } from '../../../dms/journal/memory-journal.ts';
import { PostgresJournal } from '../../../dms/journal/postgres-journal.ts';
import { SqliteJournal } from '../../../dms/journal/sqlite-journal.ts';
import type { LotId, Position } from '../../../shared/wire/vocabulary.ts';
import { type Databases, openDatabases } from '../../support/postgres-server.ts';
import { START, someEntry, someHouse, someLot } from './sample-entries.ts';

let databases: Promise<Databases> | undefined;
afterAll(async () => (await databases)?.close());

/** Engines, each with a way to open the same journal again, and again. */
const ENGINES: Record<string, (folder: string) => Promise<() => Journal>> = {
  'memory journal': async () => {
    const journal = new MemoryJournal(someHouse());
    return () => journal;
  },
  'sqlite journal': async (folder) => {
    const file = join(folder, `${randomUUID()}.db`);
    return () => new SqliteJournal({ file, newHouse: someHouse() });
  },
  'postgres journal': async () => {
    databases ??= openDatabases();
    const url = await (await databases).create();
    return () => new PostgresJournal({ url, newHouse: someHouse() });
  },
};

const ok = (position: number, version: number): Outcome => ({ ok: true, position: position as Position, version });
const conflict = (version: number): Outcome => ({ ok: false, why: 'conflict', version });
const duplicate = (position: number): Outcome => ({ ok: false, why: 'duplicate', position: position as Position });

describe.each(Object.entries(ENGINES))('%s', (_, engine) => {
  let folder: string;
  let journal: Journal;
  let again: () => Journal;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gavel-journal-'));
    again = await engine(folder);
    journal = again();
    await journal.open();
  });

  afterEach(async () => {
    await journal.close();
    rmSync(folder, { recursive: true });
  });

  async function reopen(): Promise<void> {
    await journal.close();
    journal = again();
    await journal.open();
  }

  /** Everything the journal hands to a follower up to `position`. */
  async function followed(position: number, after = START): Promise<Recorded[]> {
    const stop = new AbortController();
    const all: Recorded[] = [];
    const on = async (records: Recorded[]) => {
      all.push(...records);
      if ((all.at(-1)?.position ?? 0) >= position) stop.abort();
    };
    await journal.subscribe(after, on, stop.signal);
    return all;
  }

  it('begins empty, with a house that it keeps', async () => {
    const head = await journal.head();
    expect(head.position).toBe(0);
    expect(await journal.read(START, 10)).toEqual([]);
    await reopen();
    expect(await journal.head()).toEqual(head);
  });

  it('1: gives back after reopening, byte for byte, what it acknowledged', async () => {
    const lot = someLot();
    const entry = someEntry(lot, 0);
    expect(await journal.append([entry])).toEqual([ok(1, 1)]);
    await reopen();
    const recorded = { position: 1, id: entry.id, lot, version: 1, record: entry.record };
    expect(await journal.read(START, 10)).toEqual([recorded]);
    expect(await journal.find(entry.id)).toEqual(recorded);
    expect((await journal.head()).position).toBe(1);
  });

  it('1: a whole batch may be appended again: duplicates mean success, the rest is recorded now', async () => {
    const lot = someLot();
    const batch = [someEntry(lot, 0), someEntry(lot, 1), someEntry(lot, 2)];
    await journal.append(batch.slice(0, 2));
    await reopen();
    expect(await journal.append(batch)).toEqual([duplicate(1), duplicate(2), ok(3, 3)]);
  });

  it('2: an entry sees those before it in its batch', async () => {
    const [lot, other] = [someLot(), someLot()];
    const first = someEntry(lot, 0);
    expect(
      await journal.append([
        first,
        someEntry(lot, 1),
        someEntry(other, 0),
        someEntry(lot, 2),
        first,
        someEntry(lot, 2),
      ]),
    ).toEqual([ok(1, 1), ok(2, 2), ok(3, 1), ok(4, 3), duplicate(1), conflict(3)]);
  });

  it('3: a refused entry leaves its neighbours alone, and the version must be exact', async () => {
    const lot = someLot();
    await journal.append([someEntry(lot, 0)]);
    const batch = [someEntry(lot, 0), someEntry(lot, 1), someEntry(lot, 3), someEntry(lot, 2), someEntry(someLot(), 1)];
    expect(await journal.append(batch)).toEqual([conflict(1), ok(2, 2), conflict(2), ok(3, 3), conflict(0)]);
    const ids = (await journal.read(START, 10)).map(({ id }) => id);
    expect(ids.slice(1)).toEqual([batch[1]!.id, batch[3]!.id]);
  });

  it('3: what builds on a refused entry is refused with it, although the version would fit; the rest is not', async () => {
    const lot = someLot();
    await journal.append([someEntry(lot, 0), someEntry(lot, 1)]);
    const [overtaken, base] = [someEntry(lot, 1), someEntry(someLot(), 0)];
    const next = { ...someEntry(lot, 2), buildsOn: overtaken.id };
    const afterNext = { ...someEntry(lot, 2), buildsOn: next.id };
    const onBase = { ...someEntry(base.lot, 1), buildsOn: base.id };
    const batch = [overtaken, next, afterNext, base, onBase];
    expect(await journal.append(batch)).toEqual([conflict(2), conflict(2), conflict(2), ok(3, 1), ok(4, 2)]);
    const again = [base, onBase, { ...someEntry(base.lot, 2), buildsOn: onBase.id }];
    expect(await journal.append(again)).toEqual([duplicate(3), duplicate(4), conflict(2)]);
    expect(await journal.append([{ ...next, buildsOn: undefined }])).toEqual([ok(5, 3)]);
  });

  it('4: looks for the id before the version, and in every lot', async () => {
    const lot = someLot();
    const entry = someEntry(lot, 0);
    await journal.append([entry]);
    expect(await journal.append([someEntry(lot, 99, entry.id)])).toEqual([duplicate(1)]);
    expect(await journal.append([someEntry(someLot(), 0, entry.id)])).toEqual([duplicate(1)]);
    expect((await journal.find(entry.id))?.record).toEqual(entry.record);
  });

  it('4: a refused id is free again', async () => {
    const lot = someLot();
    const entry = someEntry(lot, 1);
    expect(await journal.append([entry])).toEqual([conflict(0)]);
    expect(await journal.find(entry.id)).toBeUndefined();
    expect(await journal.append([{ ...entry, expect: 0 }])).toEqual([ok(1, 1)]);
  });

  it('2 to 5: agrees with a list and two lookups on any sequence of batches, and has no gap', async () => {
    const model: Line[] = [];
    const step = fc.record({ id: fc.nat(12), lot: fc.nat(1), expect: fc.nat(5) });
    const batches = fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(batches, fc.uuid(), async (plan, run) => {
        // One journal for all runs: only ids and lots are fresh in each.
        const lots = [someLot(), someLot()];
        for (const batch of plan) {
          const entries = batch.map(({ id, lot, expect }) => someEntry(lots[lot]!, expect, `${run} ${id}`));
          expect(await journal.append(entries)).toEqual(entries.map((entry) => simplest(model, entry)));
        }
      }),
      { numRuns: 40 },
    );
    const lines = async () => (await journal.read(START, 10_000)).map(({ record: _, ...line }) => line);
    const expected = model.map((line, index) => ({ ...line, position: index + 1 }));
    expect(await lines()).toEqual(expected);
    await reopen();
    expect(await lines()).toEqual(expected);
  });

  it('5: answers appends that are under way together, in order and without a gap', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => journal.append([someEntry(someLot(), 0)])));
    expect(answers.flat()).toEqual(answers.map((_, index) => ok(index + 1, 1)));
    expect((await journal.read(START, 100)).map(({ position }) => position)).toEqual(answers.map((_, i) => i + 1));
  });

  it('reads pages', async () => {
    await journal.append(Array.from({ length: 10 }, () => someEntry(someLot(), 0)));
    const positions = async (after: number, limit: number) =>
      (await journal.read(after as Position, limit)).map(({ position }) => position);
    expect(await positions(0, 3)).toEqual([1, 2, 3]);
    expect(await positions(8, 3)).toEqual([9, 10]);
    expect(await positions(10, 3)).toEqual([]);
    expect(await positions(99, 3)).toEqual([]);
  });

  it('6: a follower gets every position once, in order, what was there and what comes', async () => {
    await journal.append(Array.from({ length: 700 }, () => someEntry(someLot(), 0)));
    const following = followed(710);
    for (let i = 0; i < 10; i++) await journal.append([someEntry(someLot(), 0)]);
    expect((await following).map(({ position }) => position)).toEqual(Array.from({ length: 710 }, (_, i) => i + 1));
    expect(await followed(710, 705 as Position)).toEqual(await journal.read(705 as Position, 10));
  });

  it('6: waits for the callback, and what is appended meanwhile comes next', async () => {
    const stop = new AbortController();
    const calls: string[] = [];
    const entry = (name: string) => someEntry(someLot(), 0, name);
    await journal.append([entry('a')]);
    const on = async (records: Recorded[]) => {
      const names = records.map(({ id }) => id).join('');
      calls.push(`+${names}`);
      // Appended, and its wake-up rung, while nobody waits for one.
      if (names === 'a') await journal.append([entry('b'), entry('c')]);
      calls.push(`-${names}`);
      if (names === 'bc') stop.abort();
    };
    await journal.subscribe(START, on, stop.signal);
    expect(calls).toEqual(['+a', '-a', '+bc', '-bc']);
  });

  it('6: ends at `stop` without a record, and with what the callback rejects with', async () => {
    const stop = new AbortController();
    const idle = journal.subscribe(START, async () => expect.unreachable(), stop.signal);
    stop.abort();
    await idle;
    await journal.append([someEntry(someLot(), 0)]);
    const failing = journal.subscribe(START, () => Promise.reject(new Error('no')), new AbortController().signal);
    await expect(failing).rejects.toThrow('no');
  });

  it('7: what was acknowledged is there to read at once, and nothing else', async () => {
    const lot: LotId = someLot();
    for (let version = 0; version < 5; version++) {
      await journal.append([someEntry(lot, version), someEntry(lot, 99)]);
      expect(await journal.read(START, 100)).toHaveLength(version + 1);
      expect(await followed(version + 1)).toHaveLength(version + 1);
    }
  });

  it('rejects what is asked of a closed journal', async () => {
    await journal.close();
    await expect(journal.append([someEntry(someLot(), 0)])).rejects.toMatchObject({ name: 'JournalFailed' });
    await expect(journal.read(START, 1)).rejects.toMatchObject({ name: 'JournalFailed' });
  });
});

type Line = Pick<Recorded, 'id' | 'lot' | 'version'>;

/** The second, far simpler idea of what an append does. */
function simplest(model: Line[], { id, lot, expect }: Entry): Outcome {
  const at = model.findIndex((line) => line.id === id);
  if (at >= 0) return duplicate(at + 1);
  const version = model.filter((line) => line.lot === lot).length;
  if (version !== expect) return conflict(version);
  return ok(model.push({ id, lot, version: version + 1 }), version + 1);
}
