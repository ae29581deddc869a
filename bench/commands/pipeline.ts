/** Commands through the whole pipeline: real servers, bids made beforehand, and what was accepted counted. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, BenchSettings } from '../bench.ts';
import { Child } from '../child.ts';
import { appendRate, type Engine, openPostgresJournal, openSqlite } from '../journal/engines.ts';
import { openPostgres, type Postgres } from '../postgres.ts';
import { compared, type Figure, judged } from '../report.ts';
import { median, percentile } from '../statistics.ts';
import { startAuthority, startNode } from './houses.ts';
import type { Bidding, CrowdAnswer, CrowdQuestion } from './messages.ts';

const BIDDERS = 50;
const LOTS = 20;
const ROUNDS = 5;
const BIDS = 400;
const AT_ONCE = 100;
const BATCH = 16;
const APPEND_MS = 400;
const HOUSES = [
  { name: 'sqlite', nodes: 1 },
  { name: 'postgres-1', nodes: 1 },
  { name: 'postgres-2', nodes: 2 },
  { name: 'postgres-3', nodes: 3 },
] as const;

export const pipeline: Bench = {
  figures: [...HOUSES.map(({ name }) => `commands-${name}`), 'commands-announced-p50', 'commands-announced-p99'],
  onDemand: true,
  measure: async (settings) => {
    const closers: (() => Promise<void>)[] = [];
    try {
      const postgres = await openPostgres(settings.postgresUrl);
      closers.push(() => postgres.close());
      return await run(settings, postgres, closers);
    } finally {
      for (const close of closers.toReversed()) await close();
    }
  },
};

async function run(settings: BenchSettings, postgres: Postgres, closers: (() => Promise<void>)[]): Promise<Figure[]> {
  const { folder, scale, signal } = settings;
  const ask = await openCrowd(settings, postgres, closers);
  const engines: Record<string, Engine> = {
    sqlite: await openSqlite(folder),
    postgres: await openPostgresJournal(postgres),
  };
  for (const engine of Object.values(engines)) closers.push(() => engine.close());
  const seen = new Map<string, Bidding[]>(HOUSES.map(({ name }) => [name, []]));
  const besides = { sqlite: [] as number[], postgres: [] as number[] };
  for (let round = 0; round <= Math.max(1, ROUNDS * scale) && !signal.aborted; round += 1) {
    const rates = [];
    for (const name of ['sqlite', 'postgres'] as const)
      rates.push(await appendRate(engines[name] as Engine, BATCH, APPEND_MS));
    for (const { name } of HOUSES) {
      const bidding = (await ask({ type: 'bid', house: name, count: BIDS, atOnce: AT_ONCE })) as Bidding;
      if (round > 0) seen.get(name)?.push(bidding);
    }
    // The first round warms up.
    if (round === 0) continue;
    besides.sqlite.push(rates[0] as number);
    besides.postgres.push(rates[1] as number);
  }
  const quiet = (await ask({ type: 'bid', house: 'postgres-2', count: BIDS / 4, atOnce: 1 })) as Bidding;
  const rates = HOUSES.map(({ name }) => rateOf(name, seen.get(name) ?? [], besides));
  return [...rates, announced('p50', 0.5, quiet), announced('p99', 0.99, quiet)];
}

async function openCrowd(settings: BenchSettings, postgres: Postgres, closers: (() => Promise<void>)[]) {
  const authority = await startAuthority(settings);
  closers.push(() => authority.child.stop());
  const file = fileURLToPath(new URL('./crowd.ts', import.meta.url));
  const crowd = new Child({ pinning: [], file, signal: settings.signal });
  closers.push(() => crowd.stop());
  const ask = (question: CrowdQuestion) => crowd.ask<CrowdQuestion, CrowdAnswer>(question);
  const folder = join(settings.folder, 'crowd');
  await mkdir(folder, { mode: 0o700 });
  const { url: trustedServiceUrl, rootPem } = authority;
  await ask({ type: 'enrol', folder, trustedServiceUrl, rootPem, bidders: BIDDERS });
  for (const { name, nodes } of HOUSES) {
    const database = name === 'sqlite' ? undefined : await postgres.create();
    const urls: string[] = [];
    for (let index = 0; index < nodes; index += 1) {
      const node = await startNode(`${name}-${index}`, settings, authority, database);
      closers.push(() => node.child.stop());
      urls.push(node.url);
    }
    await ask({ type: 'join', house: name, urls, lots: LOTS });
  }
  return ask;
}

function rateOf(name: string, seen: readonly Bidding[], besides: Record<'sqlite' | 'postgres', number[]>): Figure {
  const values = seen.map(({ accepted, elapsedMs }) => (accepted / elapsedMs) * 1_000);
  const engine = name === 'sqlite' ? 'sqlite' : 'postgres';
  const yardstick = `appends alone, ${BATCH} at once`;
  const figure = compared({ name: `commands-${name}`, unit: '1/s', values, yardstick, besides: besides[engine] });
  const yes = seen.reduce((total, { accepted }) => total + accepted, 0);
  const busy = Math.round(median(seen.map(({ busyShare }) => busyShare)) * 100);
  const notes = `${BIDDERS} bidders, ${LOTS} lots, ${AT_ONCE} at once, ${yes} of ${seen.length * BIDS} accepted, bidders' process busy ${busy} %, nothing pinned`;
  return judged({ ...figure, note: `${figure.note}; ${notes}` });
}

function announced(name: string, share: number, { announcedMs, announcedHereMs }: Bidding): Figure {
  const [value, here] = [percentile(announcedMs, share), percentile(announcedHereMs, share)];
  const beside = { name: 'at the same node', value: here };
  const note = `from the yes, ${announcedMs.length} bids one after another, two nodes`;
  return judged({ name: `commands-announced-${name}`, value, unit: 'ms', beside, ratio: value / here, note });
}
