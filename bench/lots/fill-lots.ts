/** A house with many open lots, without anybody who lists them: its journal is filled before it starts. */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SqliteJournal } from '../../dms/journal/sqlite-journal.ts';
import { HouseId, type Position } from '../../shared/wire/vocabulary.ts';
import { RecordMaker } from '../journal/record-maker.ts';
import { appendAll, fillJournal } from '../recovery/fill-journal.ts';

/** They close when no bench runs any more. */
const OPEN_MS = 30 * 24 * 3_600_000;

/** The journal of the node with this home, in which nothing is yet. */
async function openJournal(home: string): Promise<SqliteJournal> {
  const folder = join(home, 'dms');
  await mkdir(folder, { mode: 0o700, recursive: true });
  const journal = new SqliteJournal({ file: journalFile(home), newHouse: HouseId.parse(randomUUID()) });
  await journal.open();
  return journal;
}

export function journalFile(home: string): string {
  return join(home, 'dms', 'journal.sqlite');
}

/** So many open lots with so many bids on each. Resolves with the position of the last record. */
export async function fillOpenLots(home: string, lots: number, bids: number): Promise<Position> {
  const journal = await openJournal(home);
  const records = lots * (1 + bids);
  // The last one is stamped a minute ago.
  const maker = await RecordMaker.load({ from: Date.now() - records - 60_000, openMs: OPEN_MS });
  const made = await appendAll(journal, openLots(maker, lots, bids));
  await journal.close();
  return made as Position;
}

function* openLots(maker: RecordMaker, lots: number, bids: number) {
  for (let made = 0; made < lots; made += 1) yield* maker.bidsOnALot(bids);
}

/** At least so many records of lots that are closed and disclosed. Resolves with how many there are. */
export async function fillClosedLots(home: string, records: number): Promise<number> {
  const journal = await openJournal(home);
  const made = await fillJournal(journal, records);
  await journal.close();
  return made;
}
