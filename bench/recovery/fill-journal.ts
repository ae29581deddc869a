/** A long journal in a short time: whole lives of lots, one after another, through the journal's own `append`. */
import type { Entry, Journal } from '../../dms/journal/journal.ts';
import { RecordMaker } from '../journal/record-maker.ts';

/** In one commit, as a busy house would. */
const BATCH = 512;

/** Appends records until there are at least `records`. Resolves with how many there are. */
export async function fillJournal(journal: Pick<Journal, 'append'>, records: number): Promise<number> {
  const maker = await RecordMaker.load();
  let [batch, made]: [Entry[], number] = [[], 0];
  let appended = Promise.resolve();
  while (made < records) {
    for (const entry of maker.lifeOfALot()) {
      batch.push(entry);
      made += 1;
    }
    if (batch.length < BATCH && made < records) continue;
    // The next ones are made while these are written.
    await appended;
    appended = append(journal, batch);
    batch = [];
  }
  await appended;
  return made;
}

async function append(journal: Pick<Journal, 'append'>, batch: readonly Entry[]): Promise<void> {
  const outcomes = await journal.append(batch);
  if (!outcomes.every(({ ok }) => ok)) throw new Error('a record was refused');
}
