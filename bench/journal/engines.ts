/** The journals that are compared, open, and the disk below them. */
import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry, Journal } from '../../dms/journal/journal.ts';
import { PostgresJournal } from '../../dms/journal/postgres-journal.ts';
import { SqliteJournal } from '../../dms/journal/sqlite-journal.ts';
import { HouseId } from '../../shared/wire/vocabulary.ts';
import type { Postgres } from '../postgres.ts';
import { Bids } from './bids.ts';

/** Something that records can be appended to, so that they are on disk afterwards. */
export interface Appender {
  append(entries: readonly Entry[]): Promise<void>;
  /** The entries that come next. */
  readonly bids: Bids;
  close(): Promise<void>;
}

export function openSqlite(folder: string): Promise<Appender> {
  const file = join(folder, `${randomUUID()}.sqlite`);
  return opened(new SqliteJournal({ file, newHouse: HouseId.parse(randomUUID()) }));
}

export async function openPostgresJournal(postgres: Postgres): Promise<Appender> {
  return opened(new PostgresJournal({ url: await postgres.create(), newHouse: HouseId.parse(randomUUID()) }));
}

/** The yardstick: as many bytes to the end of a file, synced once for each batch. */
export async function openPlainFile(folder: string): Promise<Appender> {
  const file = await open(join(folder, randomUUID()), 'a');
  const append = async (entries: readonly Entry[]) => {
    await file.appendFile(Buffer.concat(entries.flatMap(({ record }) => Object.values(record) as Uint8Array[])));
    await file.datasync();
  };
  return { append, bids: await Bids.load(), close: () => file.close() };
}

async function opened(journal: Journal): Promise<Appender> {
  await journal.open();
  const append = async (entries: readonly Entry[]) => {
    const outcomes = await journal.append(entries);
    const refused = outcomes.find(({ ok }) => !ok);
    if (refused !== undefined) throw new Error(`not appended: ${JSON.stringify(refused)}`);
  };
  return { append, bids: await Bids.load(), close: () => journal.close() };
}

/** Appends batch after batch, the next when the last is on disk. Records per second, without the making of them. */
export async function appendRate({ append, bids }: Appender, batch: number, ms: number): Promise<number> {
  let [count, spent] = [0, 0];
  while (spent < ms) {
    const entries = bids.take(batch);
    const from = performance.now();
    await append(entries);
    spent += performance.now() - from;
    count += batch;
  }
  return (count / spent) * 1_000;
}
