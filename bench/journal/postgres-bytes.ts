/** What a record takes in a database: tables and indexes, without what is written ahead. */
import { randomUUID } from 'node:crypto';
import { PostgresJournal } from '../../dms/journal/postgres-journal.ts';
import { HouseId } from '../../shared/wire/vocabulary.ts';
import { askPostgres, type Postgres } from '../postgres.ts';
import { fillJournal } from '../recovery/fill-journal.ts';
import { against, type Figure, judged } from '../report.ts';

export const POSTGRES_BYTES = 'bytes-per-record-postgres';
const RECORDS = 50_000;
const SIZE = `SELECT pg_total_relation_size('gavel.record') AS size,
  (SELECT avg(length(public_part) + length(commitment) + length(salt) + length(private_part)) FROM gavel.record) AS own`;

/** Of the same records as those with which a start is measured, so that the two engines compare. */
export async function postgresBytes(postgres: Postgres, scale: number): Promise<Figure> {
  const url = await postgres.create();
  const journal = new PostgresJournal({ url, newHouse: HouseId.parse(randomUUID()) });
  await journal.open();
  const records = await fillJournal(journal, RECORDS * scale);
  await journal.close();
  const [row] = await askPostgres(url, SIZE);
  const [value, own] = [Number(row?.['size']) / records, Number(row?.['own'])];
  const figure = against({ name: POSTGRES_BYTES, value, unit: 'B' }, 'its own bytes', own);
  return judged({ ...figure, note: `${records} records, with indexes` });
}
