/** How long a house with a million records takes to start, with its snapshot and without, and what a record costs on disk. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SqliteJournal } from '../../dms/journal/sqlite-journal.ts';
import { HouseId } from '../../shared/wire/vocabulary.ts';
import type { Bench, BenchSettings } from '../bench.ts';
import { type Figure, judged } from '../report.ts';
import { median } from '../statistics.ts';
import { fillJournal } from './fill-journal.ts';

const RECORDS = 1_000_000;
/** What a start with a snapshot may take, in seconds. */
const ASKED = 10;
const ROUNDS = 3;
const MB = 1_048_576;

const STARTER = fileURLToPath(new URL('./open-house.ts', import.meta.url));
const run = promisify(execFile);

/** What a start took. */
interface Start {
  readonly ms: number;
  readonly rss: number;
  readonly position: number;
  readonly events: readonly { readonly event: string; readonly bytes?: number }[];
}

export const recovery: Bench = {
  group: 'journal',
  figures: ['recovery-time', 'recovery-time-without-snapshot', 'bytes-per-record'],
  onDemand: true,
  measure: async (settings) => {
    const file = join(settings.folder, 'journal.sqlite');
    const journal = new SqliteJournal({ file, newHouse: HouseId.parse(randomUUID()) });
    await journal.open();
    const records = await fillJournal(journal, RECORDS * settings.scale);
    await journal.close();
    return [...(await startTimes(settings, records)), bytesPerRecord(file, records)];
  },
};

async function startTimes({ folder, signal }: BenchSettings, records: number): Promise<Figure[]> {
  const start = async (): Promise<Start> => {
    const { stdout } = await run(process.execPath, [STARTER, folder], { signal });
    return JSON.parse(stdout);
  };
  const folded = await start();
  const starts: Start[] = [];
  for (let round = 0; round < ROUNDS; round++) starts.push(await start());
  // A bench at a small scale has too few records for a snapshot.
  const snapshot = folded.events.find(({ event }) => event === 'snapshot-written')?.bytes ?? 0;
  rmSync(join(folder, 'snapshot'), { force: true });
  const seconds = (starts: readonly Start[]) => median(starts.map(({ ms }) => ms)) / 1_000;
  const memory = Math.round(median(starts.map(({ rss }) => rss)) / MB);
  const beside = { name: 'what may pass', value: ASKED };
  const [value, without] = [seconds(starts), seconds([folded])];
  const note = `${records} records, all bytes checked, snapshot of ${Math.round(snapshot / MB)} MB, ${memory} MB resident, files in memory`;
  return [
    judged({ name: 'recovery-time', value, unit: 's', beside, ratio: value / ASKED, note }, { atMost: 1 }),
    judged({
      ...{ name: 'recovery-time-without-snapshot', value: without, unit: 's' },
      ...{ beside: { name: 'with snapshot', value }, ratio: without / value, note: `${records} records, once` },
    }),
  ];
}

function bytesPerRecord(file: string, records: number): Figure {
  const database = new DatabaseSync(file, { readOnly: true });
  const parts = ['public_part', 'commitment', 'salt', 'private_part'].map((part) => `length(${part})`).join(' + ');
  const own = Number(database.prepare(`SELECT avg(${parts}) AS own FROM record`).get()?.['own']);
  database.close();
  const value = statSync(file).size / records;
  const beside = { name: 'its own bytes', value: own };
  return judged({ name: 'bytes-per-record', value, unit: 'B', beside, ratio: value / own });
}
