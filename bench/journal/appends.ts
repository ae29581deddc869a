/** How fast each engine of the journal takes records, beside a plain file that is synced as often; and how much room they take. */
import type { Bench, BenchSettings } from '../bench.ts';
import { openPostgres } from '../postgres.ts';
import { compared, type Figure, judged } from '../report.ts';
import { type Appender, appendRate, type Engine, openPlainFile, openPostgresJournal, openSqlite } from './engines.ts';
import { recordBytes } from './sample-entries.ts';

const BATCHES = [1, 16, 128];
const ROUNDS = 12;
const TURN_MS = 400;
const BYTES_OF = 20_000;
const FILL_BATCH = 100;

const ENGINES = ['sqlite', 'postgres'] as const;
type EngineName = (typeof ENGINES)[number];
type Engines = Record<EngineName, Engine>;

export const appends: Bench = {
  figures: [
    ...ENGINES.flatMap((engine) => BATCHES.map((batch) => `journal-${engine}-${batch}`)),
    ...ENGINES.map((engine) => `journal-bytes-${engine}`),
  ],
  onDemand: true,
  measure: async (settings) => {
    const postgres = await openPostgres(settings.postgresUrl);
    const opened: Appender[] = [];
    const keep = <One extends Appender>(one: One): One => {
      opened.push(one);
      return one;
    };
    try {
      const engines = {
        sqlite: keep(await openSqlite(settings.folder)),
        postgres: keep(await openPostgresJournal(postgres)),
      };
      const file = keep(await openPlainFile(settings.folder));
      const figures: Figure[] = [];
      for (const batch of BATCHES) figures.push(...(await takeTurns(engines, file, batch, settings)));
      const fresh = {
        sqlite: keep(await openSqlite(settings.folder)),
        postgres: keep(await openPostgresJournal(postgres)),
      };
      for (const name of ENGINES) figures.push(await sizeOf(name, fresh[name], settings));
      return figures;
    } finally {
      for (const one of opened) await one.close();
      await postgres.close();
    }
  },
};

async function takeTurns(engines: Engines, file: Appender, batch: number, { scale }: BenchSettings): Promise<Figure[]> {
  const rates = { sqlite: [] as number[], postgres: [] as number[], file: [] as number[] };
  const sides: [keyof typeof rates, Appender][] = [...Object.entries(engines), ['file', file]] as never;
  // The first round warms up.
  for (let round = 0; round <= Math.max(1, ROUNDS * scale); round += 1) {
    for (const [name, appender] of sides) {
      const rate = await appendRate(appender, batch, TURN_MS * Math.min(1, scale));
      if (round > 0) rates[name].push(rate);
    }
    sides.reverse();
  }
  const yardstick = 'file, synced as often';
  return ENGINES.map((engine) => {
    const name = `journal-${engine}-${batch}`;
    return judged(compared({ name, unit: '1/s', values: rates[engine], yardstick, besides: rates.file }));
  });
}

async function sizeOf(engine: EngineName, appender: Engine, { scale }: BenchSettings): Promise<Figure> {
  const count = Math.max(FILL_BATCH, Math.round((BYTES_OF * scale) / FILL_BATCH) * FILL_BATCH);
  const empty = await appender.bytes();
  let plain = 0;
  for (let made = 0; made < count; made += FILL_BATCH) {
    const entries = appender.entries.make(FILL_BATCH);
    plain += entries.reduce((total, entry) => total + recordBytes(entry), 0);
    await appender.append(entries);
  }
  const value = ((await appender.bytes()) - empty) / count;
  const beside = { name: 'its four parts', value: plain / count };
  const note = `${count} records, with indexes, without what is written ahead`;
  return judged({ name: `journal-bytes-${engine}`, value, unit: 'B', beside, ratio: value / beside.value, note });
}
