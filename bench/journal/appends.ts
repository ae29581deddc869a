/** How fast each engine of the journal takes records, beside a plain file that is synced as often. */
import type { Bench, BenchSettings } from '../bench.ts';
import { openPostgres } from '../postgres.ts';
import { compared, type Figure, judged } from '../report.ts';
import { type Appender, appendRate, openPlainFile, openPostgresJournal, openSqlite } from './engines.ts';
import { POSTGRES_BYTES, postgresBytes } from './postgres-bytes.ts';

/** Records in a transaction. */
const BATCHES = [1, 16, 128];
const ROUNDS = 12;
const TURN_MS = 400;
const ENGINES = ['sqlite', 'postgres'] as const;

type Sides = Record<(typeof ENGINES)[number] | 'file', Appender>;

export const appends: Bench = {
  group: 'journal',
  figures: [...ENGINES.flatMap((engine) => BATCHES.map((batch) => `appends-${engine}-${batch}`)), POSTGRES_BYTES],
  onDemand: true,
  measure: async (settings) => {
    const postgres = await openPostgres(settings);
    const opened: Appender[] = [];
    const open = async (opening: Promise<Appender>): Promise<Appender> => {
      const appender = await opening;
      opened.push(appender);
      return appender;
    };
    try {
      const sides = {
        sqlite: await open(openSqlite(settings.folder)),
        postgres: await open(openPostgresJournal(postgres)),
        file: await open(openPlainFile(settings.folder)),
      };
      const figures: Figure[] = [];
      for (const batch of BATCHES) figures.push(...(await takeTurns(sides, batch, settings)));
      return [...figures, await postgresBytes(postgres, settings.scale)];
    } finally {
      for (const appender of opened) await appender.close();
      await postgres.close();
    }
  },
};

async function takeTurns(sides: Sides, batch: number, { scale, signal }: BenchSettings): Promise<Figure[]> {
  const rates = { sqlite: [] as number[], postgres: [] as number[], file: [] as number[] };
  const order = [...ENGINES, 'file'] as (keyof Sides)[];
  for (let round = 0; round <= Math.max(1, ROUNDS * scale) && !signal.aborted; round += 1) {
    for (const side of order) rates[side].push(await appendRate(sides[side], batch, TURN_MS * Math.min(1, scale)));
    order.reverse();
  }
  // The first round warms up.
  for (const list of Object.values(rates)) list.shift();
  const yardstick = 'file, synced as often';
  return ENGINES.map((engine) => {
    const name = `appends-${engine}-${batch}`;
    return judged(compared({ name, unit: '1/s', values: rates[engine], yardstick, besides: rates.file }));
  });
}
