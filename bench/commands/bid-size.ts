/** What a bid of a real participant takes in the journal, beside one that the bench makes up to fill a journal. */
import { DatabaseSync } from 'node:sqlite';
import type { JournalRecord } from '../../shared/journal/record.ts';
import { Bids, LOTS } from '../journal/bids.ts';
import { against, type Figure, judged } from '../report.ts';

export const BID_SIZE = 'bytes-per-bid';
const SAMPLE = 1_000;

/** `file` is the journal of a house that runs. */
export async function bidSize(file: string): Promise<Figure> {
  const database = new DatabaseSync(file, { readOnly: true });
  const size = ['public_part', 'commitment', 'salt', 'private_part'].map((part) => `length(${part})`).join(' + ');
  // Versions count a lot's records, and the first is its listing.
  const sql = `SELECT avg(${size}) AS bytes, count(*) AS count FROM record WHERE version > 1`;
  const { bytes, count } = database.prepare(sql).get() as { bytes: number; count: number };
  database.close();
  const made = (await Bids.load()).take(LOTS + SAMPLE).slice(LOTS);
  const beside = made.reduce((total, { record }) => total + bytesOf(record), 0) / SAMPLE;
  const figure = against({ name: BID_SIZE, value: bytes, unit: 'B' }, 'one made up', beside);
  return judged({ ...figure, note: `${count} bids, their own bytes` });
}

function bytesOf({ publicPart, commitment, salt, privatePart }: JournalRecord): number {
  return publicPart.byteLength + commitment.byteLength + salt.byteLength + privatePart.byteLength;
}
