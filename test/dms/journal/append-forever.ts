/**
 * A process for `kill.test.ts` and `syncs.test.ts`: appends batches to the journal in `argv[2]`, each of `argv[3]` entries,
 * `argv[4]` times or for ever, and prints the ids of a batch in one line when it is acknowledged. Ids begin with `argv[5]`.
 */
import { SqliteJournal } from '../../../dms/journal/sqlite-journal.ts';
import { someEntry, someHouse, someLot } from './sample-entries.ts';

const [file = '', size = '1', times = 'Infinity', prefix = ''] = process.argv.slice(2);
const journal = new SqliteJournal({ file, newHouse: someHouse() });
try {
  await journal.open();
  process.stdout.write('open\n');
  for (let round = 0; round < Number(times); round++) {
    const batch = Array.from({ length: Number(size) }, (_, n) => someEntry(someLot(), 0, `${prefix}-${round}-${n}`));
    await journal.append(batch);
    process.stdout.write(`${batch.map(({ id }) => id).join(' ')}\n`);
  }
  await journal.close();
} catch (error) {
  // What the tests look at, instead of a stack trace.
  process.stdout.write(`error ${error instanceof Error ? error.name : error}\n`);
  process.exit(1);
}
