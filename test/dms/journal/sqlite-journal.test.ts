import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteJournal } from '../../../dms/journal/sqlite-journal.ts';
import { refusalOf } from '../../support/refusal.ts';
import { until } from '../../support/until.ts';
import { START, someEntry, someHouse, someLot } from './sample-entries.ts';

let folder: string;
let file: string;
let open: SqliteJournal[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gavel-sqlite-'));
  file = join(folder, 'journal.db');
  open = [];
});
afterEach(async () => {
  for (const journal of open) await journal.close();
  rmSync(folder, { recursive: true });
});

async function openJournal(): Promise<SqliteJournal> {
  const journal = new SqliteJournal({ file, newHouse: someHouse() });
  open.push(journal);
  await journal.open();
  return journal;
}

async function closedJournal(records: number): Promise<void> {
  const journal = await openJournal();
  await journal.append(Array.from({ length: records }, () => someEntry(someLot(), 0)));
  await journal.close();
}

/** Changes the file behind the journal's back. */
function tamper(sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

describe('the files of an SQLite journal', () => {
  it('are readable by their owner alone', async () => {
    const journal = await openJournal();
    await journal.append([someEntry(someLot(), 0)]);
    const modes = readdirSync(folder).map((name) => (statSync(join(folder, name)).mode & 0o777).toString(8));
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['journal.db', 'journal.db-wal', 'journal.db.anchor']));
    expect(new Set(modes)).toEqual(new Set(['600']));
  });

  it('are not shared: a second journal in this process is refused, until the first is closed', async () => {
    const first = await openJournal();
    const second = new SqliteJournal({ file, newHouse: someHouse() });
    expect(await refusalOf(second.open())).toBe('journal-locked');
    await first.append([someEntry(someLot(), 0)]);
    await first.close();
    expect((await (await openJournal()).head()).position).toBe(1);
  });

  it('may be read by others meanwhile, who see what is committed and hold nobody up', async () => {
    const journal = await openJournal();
    await journal.append([someEntry(someLot(), 0)]);
    const reader = new DatabaseSync(file, { readOnly: true });
    const count = () => reader.prepare('SELECT count(*) AS count FROM record').get()?.['count'];
    reader.exec('BEGIN');
    expect(count()).toBe(1);
    for (let i = 0; i < 20; i++) await journal.append([someEntry(someLot(), 0)]);
    expect(count()).toBe(1);
    reader.exec('COMMIT');
    expect(count()).toBe(21);
    reader.close();
    await journal.append([someEntry(someLot(), 0)]);
  });

  it('have their log moved into the first of them beside the commits, and are one when the journal is closed', async () => {
    const journal = await openJournal();
    const { size } = statSync(file);
    const batch = Array.from({ length: 512 }, () => someEntry(someLot(), 0));
    await journal.append(batch.slice(1));
    await journal.append(batch.slice(0, 1));
    await until('the records in the file', () => statSync(file).size > size + batch.length * 200);
    await journal.append(batch.map((entry) => someEntry(entry.lot, 1)));
    await journal.close();
    expect(readdirSync(folder)).not.toContain('journal.db-wal');
    const again = await openJournal();
    expect(await again.head()).toMatchObject({ position: 1_024 });
    expect(await again.read(START, 2_000)).toHaveLength(1_024);
  });

  it('are append-only for every other program too', async () => {
    await closedJournal(3);
    expect(() => tamper('UPDATE record SET version = 9')).toThrow('append-only');
    expect(() => tamper('DELETE FROM record')).toThrow('append-only');
  });
});

describe('a file that is no good journal', () => {
  const refusal = () => refusalOf(new SqliteJournal({ file, newHouse: someHouse() }).open());

  it('is refused if it is something else, and left as it was', async () => {
    writeFileSync(file, 'a diary '.repeat(1_000));
    expect(await refusal()).toBe('journal-foreign');
    expect(readFileSync(file, 'utf8')).toBe('a diary '.repeat(1_000));
  });

  it('does not keep anybody waiting who closes it', async () => {
    writeFileSync(file, 'a diary '.repeat(1_000));
    expect(await refusalOf(openJournal())).toBe('journal-foreign');
    await open[0]?.close();
  });

  it('is refused if it is the database of another program', async () => {
    tamper('CREATE TABLE diary (day TEXT)');
    expect(await refusal()).toBe('journal-foreign');
  });

  it('is refused if a later version wrote it', async () => {
    await closedJournal(1);
    tamper('PRAGMA user_version = 99');
    expect(await refusal()).toBe('journal-too-new');
  });

  it('is refused if it can not be reached', async () => {
    file = '/dev/null/journal.db';
    expect(await refusal()).toBe('journal-unusable');
  });

  it('is refused if a record is missing in its tail', async () => {
    await closedJournal(5);
    tamper('DROP TRIGGER record_is_never_deleted; DELETE FROM record WHERE position = 3');
    expect(await refusal()).toBe('journal-damaged');
  });

  it('is refused if it is shorter than its anchor', async () => {
    await closedJournal(5);
    const backup = join(folder, 'backup.db');
    copyFileSync(file, backup);
    const journal = await openJournal();
    await journal.append([someEntry(someLot(), 0)]);
    await journal.close();
    copyFileSync(backup, file);
    expect(await refusal()).toBe('journal-damaged');
    // The operator knows, and goes on without the rest.
    rmSync(`${file}.anchor`);
    expect((await (await openJournal()).head()).position).toBe(5);
  });

  it('is refused if it is new where another one was', async () => {
    await closedJournal(5);
    rmSync(file);
    expect(await refusal()).toBe('journal-damaged');
  });

  it('is refused if one bit of its write-ahead log has flipped and acknowledged records are gone', async () => {
    const journal = await openJournal();
    for (let i = 0; i < 20; i++) await journal.append([someEntry(someLot(), 0)]);
    // As a crash leaves them: the database, its log and the anchor.
    const crashed = join(folder, 'crashed.db');
    for (const end of ['', '-wal', '.anchor']) copyFileSync(file + end, crashed + end);
    const log = readFileSync(`${crashed}-wal`);
    log[Math.floor(log.length / 2)]! ^= 1;
    writeFileSync(`${crashed}-wal`, log);
    file = crashed;
    expect(await refusal()).toBe('journal-damaged');
  });
});

describe('a journal that could not write', () => {
  it('rejects with `JournalFailed`, at once and ever after, and has nothing of the batch', async () => {
    const journal = await openJournal();
    const lot = someLot();
    const good = someEntry(lot, 0);
    await journal.append([good]);
    // Undoes the whole transaction, as a full disk does: the next one would go through if anybody tried.
    tamper(`CREATE TRIGGER full BEFORE INSERT ON record WHEN NEW.id = 'bad' BEGIN SELECT raise(ROLLBACK, 'full'); END`);
    const failure = { name: 'JournalFailed' };
    const failing = journal.append([someEntry(lot, 1), someEntry(someLot(), 0, 'bad')]);
    const queued = journal.append([someEntry(lot, 1)]);
    const reading = journal.read(START, 10);
    await expect(failing).rejects.toMatchObject(failure);
    await expect(queued).rejects.toMatchObject(failure);
    await expect(reading).rejects.toMatchObject(failure);
    await expect(journal.append([someEntry(lot, 1)])).rejects.toMatchObject(failure);
    await expect(journal.head()).rejects.toMatchObject(failure);
    await journal.close();
    tamper('DROP TRIGGER full');
    expect((await (await openJournal()).read(START, 10)).map(({ id }) => id)).toEqual([good.id]);
  });
});
