/** The journals that are compared, open, and the disk below them. */
import { randomUUID } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry, Journal } from '../../dms/journal/journal.ts';
import { PostgresJournal } from '../../dms/journal/postgres-journal.ts';
import { SqliteJournal } from '../../dms/journal/sqlite-journal.ts';
import { HouseId } from '../../shared/wire/vocabulary.ts';
import { askPostgres, type Postgres } from '../postgres.ts';
import { recordBytes, SampleEntries } from './sample-entries.ts';

/** Something that records can be appended to, so that they are on disk afterwards. */
export interface Appender {
  append(entries: readonly Entry[]): Promise<void>;
  /** Entries that come next. */
  readonly entries: SampleEntries;
  close(): Promise<void>;
}

/** A journal, and the bytes that it takes on disk; the indexes are counted, what is written ahead is not. */
export interface Engine extends Appender {
  bytes(): Promise<number>;
}

export async function openSqlite(folder: string): Promise<Engine> {
  const file = join(folder, `${randomUUID()}.sqlite`);
  const journal = new SqliteJournal({ file, newHouse: HouseId.parse(randomUUID()) });
  return { ...(await opened(journal)), bytes: async () => (await stat(file)).size };
}

export async function openPostgresJournal(postgres: Postgres): Promise<Engine> {
  const url = await postgres.create();
  const journal = new PostgresJournal({ url, newHouse: HouseId.parse(randomUUID()) });
  const bytes = async () => {
    const [row] = await askPostgres(url, "SELECT pg_total_relation_size('gavel.record') AS size");
    return Number(row?.['size']);
  };
  return { ...(await opened(journal)), bytes };
}

/** The yardstick: the same bytes to the end of a file, synced once for each batch. */
export async function openPlainFile(folder: string): Promise<Appender> {
  const file = await open(join(folder, randomUUID()), 'a');
  const append = async (entries: readonly Entry[]) => {
    await file.appendFile(
      Buffer.alloc(
        entries.reduce((total, entry) => total + recordBytes(entry), 0),
        'x',
      ),
    );
    await file.datasync();
  };
  return { append, entries: new SampleEntries(), close: () => file.close() };
}

async function opened(journal: Journal): Promise<Appender> {
  await journal.open();
  const append = async (entries: readonly Entry[]) => {
    const outcomes = await journal.append(entries);
    const refused = outcomes.find(({ ok }) => !ok);
    if (refused !== undefined) throw new Error(`not appended: ${JSON.stringify(refused)}`);
  };
  return { append, entries: new SampleEntries(), close: () => journal.close() };
}

/** Appends batch after batch, the next when the last is on disk. Records per second, without the making of them. */
export async function appendRate(appender: Appender, batch: number, ms: number): Promise<number> {
  let [count, spent] = [0, 0];
  while (spent < ms) {
    const entries = appender.entries.make(batch);
    const from = performance.now();
    await appender.append(entries);
    spent += performance.now() - from;
    count += batch;
  }
  return (count / spent) * 1_000;
}
