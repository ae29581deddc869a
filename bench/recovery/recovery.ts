/** How long a house with a million records takes to start, with its snapshot and without, and what a record costs on disk. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SqliteJournal } from '../../dms/journal/sqlite-journal.ts';
import { HouseId } from '../../shared/wire/vocabulary.ts';
import type { Bench, BenchSettings } from '../bench.ts';
import { against, type Figure, judged } from '../report.ts';
import { median } from '../statistics.ts';
import { fillJournal } from './fill-journal.ts';

const RECORDS = 1_000_000;
/** Beyond a snapshot of so long a journal come almost so many before the next one is written: a sixteenth. */
const BEYOND = 1 / 16;
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
  figures: ['recovery-time', 'recovery-time-old-snapshot', 'recovery-time-without-snapshot', 'bytes-per-record'],
  onDemand: true,
  measure: async (settings) => {
    const { folder, scale } = settings;
    const file = join(folder, 'journal.sqlite');
    const snapshot = join(folder, 'snapshot');
    const before = await fill(file, RECORDS * scale * (1 - BEYOND));
    const folded = await start(settings);
    // It is kept: each start that had much to fold writes a newer one at its end.
    const kept = `${snapshot}.kept`;
    if (existsSync(snapshot)) copyFileSync(snapshot, kept);
    const records = before + (await fill(file, RECORDS * scale - before));
    const old: Start[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      if (existsSync(kept)) copyFileSync(kept, snapshot);
      old.push(await start(settings));
    }
    const fresh: Start[] = [];
    for (let round = 0; round < ROUNDS; round += 1) fresh.push(await start(settings));
    return [...startTimes({ records, before, folded, old, fresh }), bytesPerRecord(file, records)];
  },
};

/** Appends at least so many records to the journal in `file`. */
async function fill(file: string, count: number): Promise<number> {
  const journal = new SqliteJournal({ file, newHouse: HouseId.parse(randomUUID()) });
  await journal.open();
  const records = await fillJournal(journal, count);
  await journal.close();
  return records;
}

async function start({ folder, signal }: BenchSettings): Promise<Start> {
  const { stdout } = await run(process.execPath, [STARTER, folder], { signal });
  return JSON.parse(stdout);
}

interface Starts {
  readonly records: number;
  /** How many there were when the first snapshot was written. */
  readonly before: number;
  /** Without any snapshot. */
  readonly folded: Start;
  readonly old: readonly Start[];
  readonly fresh: readonly Start[];
}

function startTimes({ records, before, folded, old, fresh }: Starts): Figure[] {
  // A bench at a small scale has too few records for a snapshot.
  const snapshot = folded.events.find(({ event }) => event === 'snapshot-written')?.bytes ?? 0;
  const seconds = (starts: readonly Start[]) => median(starts.map(({ ms }) => ms)) / 1_000;
  const memory = Math.round(median(fresh.map(({ rss }) => rss)) / MB);
  const note = `${records} records, all bytes checked, snapshot of ${Math.round(snapshot / MB)} MB, ${memory} MB resident, files in memory`;
  const timed = (name: string, starts: readonly Start[], told: string) => {
    const figure = against({ name, value: seconds(starts), unit: 's' }, 'what may pass', ASKED);
    return judged({ ...figure, note: `${told}, ${ROUNDS} starts` }, { atMost: 1 });
  };
  const without = { name: 'recovery-time-without-snapshot', value: seconds([folded]), unit: 's' };
  return [
    timed('recovery-time', fresh, note),
    timed('recovery-time-old-snapshot', old, `${records - before} of ${records} records are not in the snapshot`),
    judged({ ...against(without, 'with snapshot', seconds(fresh)), note: `${before} records, once` }),
  ];
}

function bytesPerRecord(file: string, records: number): Figure {
  const database = new DatabaseSync(file, { readOnly: true });
  const parts = ['public_part', 'commitment', 'salt', 'private_part'].map((part) => `length(${part})`).join(' + ');
  const own = Number(database.prepare(`SELECT avg(${parts}) AS own FROM record`).get()?.['own']);
  database.close();
  const value = statSync(file).size / records;
  return judged(against({ name: 'bytes-per-record', value, unit: 'B' }, 'its own bytes', own));
}
