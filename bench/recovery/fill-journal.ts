/** A long journal in a short time: whole lives of lots, one after another, through the journal's own `append`. */
import type { Entry, Journal } from '../../dms/journal/journal.ts';
import { RecordMaker } from '../journal/record-maker.ts';

/** In one commit, as a busy house would. */
const BATCH = 512;

/** Appends records until there are at least `records`. Resolves with how many there are. */
export async function fillJournal(journal: Pick<Journal, 'append'>, records: number): Promise<number> {
  return appendAll(journal, livesOfLots(await RecordMaker.load(), records));
}

/** Appends all of these, a batch at a time. Resolves with how many there were. */
export async function appendAll(journal: Pick<Journal, 'append'>, entries: Iterable<Entry>): Promise<number> {
  let [batch, made]: [Entry[], number] = [[], 0];
  let appended = Promise.resolve();
  for (const entry of entries) {
    made += 1;
    if (batch.push(entry) < BATCH) continue;
    // The next ones are made while these are written.
    await appended;
    appended = append(journal, batch);
    batch = [];
  }
  await appended;
  if (batch.length > 0) await append(journal, batch);
  return made;
}

function* livesOfLots(maker: RecordMaker, records: number): Generator<Entry> {
  for (let made = 0; made < records; ) {
    for (const entry of maker.lifeOfALot()) {
      made += 1;
      yield entry;
    }
  }
}

async function append(journal: Pick<Journal, 'append'>, batch: readonly Entry[]): Promise<void> {
  const outcomes = await journal.append(batch);
  if (!outcomes.every(({ ok }) => ok)) throw new Error('a record was refused');
}
