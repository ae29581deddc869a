/** One bit that flips on the disk, anywhere: the journal is refused at its opening, or the bit meant nothing. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checksOf, damageIn, runCheck } from '../../../dms/journal/checks.ts';
import { SqliteJournal } from '../../../dms/journal/sqlite-journal.ts';
import { SqliteStore } from '../../../dms/journal/sqlite-store.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import { refusalOf } from '../../support/refusal.ts';
import { START, someEntry, someHouse, someLot } from './sample-entries.ts';

const FILES = ['', '-wal', '.anchor'] as const;

let folder: string;
let file: string;
let original: string;
let house: ReturnType<typeof someHouse>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gavel-flip-'));
  file = join(folder, 'journal.db');
  original = join(folder, 'original.db');
  house = someHouse();
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Appends lots with four records each. */
function fill(store: SqliteStore, records: number): void {
  for (let n = 0; n < records; n += 4) {
    const lot = someLot();
    store.append([0, 1, 2, 3].map((version) => someEntry(lot, version)));
  }
}

/** A journal as a crash leaves it: `inDatabase` of its records in the database, then `inLog` in the write-ahead log. */
function crashedJournal(inDatabase: number, inLog: number): Record<(typeof FILES)[number], Buffer> {
  const store = SqliteStore.open(original, house);
  fill(store, inDatabase);
  const other = new DatabaseSync(original);
  other.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  other.close();
  fill(store, inLog);
  const files = Object.fromEntries(FILES.map((end) => [end, readFileSync(original + end)]));
  store.close();
  return files as ReturnType<typeof crashedJournal>;
}

/** Opens it as `SqliteJournal` does, but in this thread. */
function open(): SqliteStore {
  const store = SqliteStore.open(file, house);
  const database = new DatabaseSync(file, { readOnly: true });
  const damage = damageIn(checksOf(store.head().position, 2).map((check) => runCheck(database, check)));
  database.close();
  if (damage === undefined) return store;
  store.close();
  throw new ProtocolError('journal-damaged', damage);
}

/** Everything that a journal can be asked, with the answers; what it was refused with, if it was not opened. */
function lookAt(ids: readonly string[]): string {
  let store: SqliteStore;
  try {
    store = open();
  } catch (error) {
    // As the worker of `SqliteJournal` says it.
    return error instanceof ProtocolError ? error.code : 'journal-unusable';
  }
  try {
    const records = store.read(START, 10_000);
    const found = ids.map((id) => store.find(id)?.position);
    const duplicates = store.append(ids.map((id) => someEntry(someLot(), 0, id)));
    const conflicts = store.append(records.map(({ lot }) => someEntry(lot, 0)));
    const more = store.append(Array.from({ length: 200 }, () => someEntry(someLot(), 0)));
    return JSON.stringify({ house: store.head().house, records, found, duplicates, conflicts, more });
  } finally {
    store.close();
  }
}

/** How often each end came, over flips of one bit in each `step`th byte. */
function flipThrough(
  end: (typeof FILES)[number],
  inDatabase: number,
  inLog: number,
  step: number,
): Record<string, number> {
  const good = crashedJournal(inDatabase, inLog);
  const database = new DatabaseSync(original);
  const ids = database
    .prepare('SELECT id FROM record')
    .all()
    .map(({ id }) => String(id));
  database.close();
  const restore = () => {
    rmSync(`${file}-shm`, { force: true });
    for (const one of FILES) writeFileSync(file + one, good[one]);
  };
  restore();
  const expected = lookAt(ids);
  const ends: Record<string, number> = {};
  for (let at = step >> 1; at < good[end].length; at += step) {
    restore();
    const flipped = Buffer.from(good[end]);
    flipped[at]! ^= 1 << (at % 8);
    writeFileSync(file + end, flipped);
    const seen = lookAt(ids);
    const kind = seen === expected ? 'as it was' : /^[a-z-]+$/.test(seen) ? seen : `byte ${at}: ${seen.slice(0, 300)}`;
    ends[kind] = (ends[kind] ?? 0) + 1;
  }
  return ends;
}

/** Each of them refuses the start. */
const REFUSALS = ['journal-damaged', 'journal-foreign', 'journal-too-new', 'journal-unusable'];

describe('a bit that flips', () => {
  it.each<[(typeof FILES)[number], number, number, number]>([
    ['', 120, 0, 149],
    ['', 60, 20, 401],
    ['', 1_200, 0, 6_007],
    ['-wal', 60, 20, 907],
  ])(
    'in the journal%s of %i and %i records is found at the opening, or meant nothing',
    { timeout: 60_000 },
    (...given) => {
      const ends = flipThrough(...given);
      expect(ends['journal-damaged']).toBeGreaterThan(10);
      expect(Object.keys(ends).filter((end) => end !== 'as it was' && !REFUSALS.includes(end))).toEqual([]);
    },
  );

  it('in the anchor is found, or meant nothing', () => {
    const ends = flipThrough('.anchor', 60, 0, 5);
    expect(ends['journal-damaged']).toBeGreaterThan(10);
    expect(Object.keys(ends).filter((end) => end !== 'as it was' && !REFUSALS.includes(end))).toEqual([]);
  });
});

describe('a journal at its opening', () => {
  const journal = () => new SqliteJournal({ file, newHouse: house });

  it('is refused for one bit in an old record, which says something else now', async () => {
    const { '': bytes, ...others } = crashedJournal(1_100, 0);
    const database = new DatabaseSync(original);
    const text = `private ${database.prepare('SELECT id FROM record WHERE position = 5').get()?.['id']}`;
    database.close();
    // Pages that were split have it twice, and one of the two is not read any more.
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at)) bytes[at]! ^= 1;
    for (const [end, content] of Object.entries({ '': bytes, ...others })) writeFileSync(file + end, content);
    expect(await refusalOf(journal().open())).toBe('journal-damaged');
  });

  it('is refused for one bit in an index, where SQLite would only not find a record any more', async () => {
    const { id } = someEntry(someLot(), 0);
    const store = SqliteStore.open(file, house);
    store.append([someEntry(someLot(), 0, id, 'a text')]);
    store.close();
    const bytes = readFileSync(file);
    // The id is in its record, which was written first and lies in an earlier page, and in the index.
    const at = bytes.lastIndexOf(id);
    expect(at).toBeGreaterThan(bytes.indexOf(id));
    bytes[at]! ^= 1;
    writeFileSync(file, bytes);
    expect(await refusalOf(journal().open())).toBe('journal-damaged');
    // As OPERATIONS.md says: the records are all there, and the index follows from them.
    const database = new DatabaseSync(file);
    database.exec('REINDEX');
    database.close();
    const again = journal();
    expect(await again.open()).toEqual({ house, position: 1 });
    await again.close();
  });

  it('is refused if a seal is gone', async () => {
    fill(SqliteStore.open(file, house), 2_100);
    const database = new DatabaseSync(file);
    database.exec('DROP TRIGGER seal_is_never_deleted; DELETE FROM seal WHERE page = 1');
    database.close();
    expect(await refusalOf(journal().open())).toMatch(/^journal-/);
  });

  it('is sealed if an earlier version wrote it, and its anchor gets what it lacks', async () => {
    const store = SqliteStore.open(file, house);
    fill(store, 2_100);
    store.close();
    const anchor = readFileSync(`${file}.anchor`, 'utf8');
    const database = new DatabaseSync(file);
    database.exec('DROP TABLE seal; PRAGMA user_version = 1');
    database.close();
    writeFileSync(`${file}.anchor`, anchor.replace(/ \w{64}$/m, ''));
    const opened = journal();
    expect(await opened.open()).toEqual({ house, position: 2_100 });
    expect(readFileSync(`${file}.anchor`, 'utf8')).toBe(anchor);
    await opened.close();
    const again = journal();
    expect(await again.open()).toEqual({ house, position: 2_100 });
    await again.close();
  });
});
