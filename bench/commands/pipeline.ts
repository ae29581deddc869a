/** Commands through the whole pipeline: real servers, bids made beforehand, and what was accepted counted. */
import type { Bench, BenchSettings } from '../bench.ts';
import { appendRate, openPostgresJournal, openSqlite } from '../journal/engines.ts';
import { openPostgres, type Postgres } from '../postgres.ts';
import { compared, type Figure, judged } from '../report.ts';
import { median, percentile } from '../statistics.ts';
import { ANNOUNCEMENT_FIGURES, measureAnnouncements } from './announcements.ts';
import { BID_SIZE, bidSize } from './bid-size.ts';
import type { Bidding } from './messages.ts';
import { BIDDERS, HOUSE_NAMES, HOUSES, type HouseName, LOTS, Town, type Turn } from './town.ts';
import { verdicts } from './verdicts.ts';

const ROUNDS = 10;
/** How long the bids of one turn should take: their stamps are good for three seconds, and the first is sealed before the last. */
const TURN_MS = 1_000;
const MOST_BIDS = 2_000;
/** Records in a transaction of the yardstick, and how long it appends. */
const BATCH = 16;
const APPEND_MS = 400;

type Rates = Record<'sqlite' | 'postgres', number[]>;

export const pipeline: Bench = {
  group: 'journal',
  figures: [...HOUSE_NAMES.map((name) => `commands-${name}`), ...ANNOUNCEMENT_FIGURES, BID_SIZE],
  onDemand: true,
  measure: async (settings) => {
    await using closers = new AsyncDisposableStack();
    const postgres = await openPostgres(settings);
    closers.defer(() => postgres.close());
    const town = await Town.build(settings, postgres, closers);
    const { seen, alone } = await takeTurns(town, settings, postgres, closers);
    const rates = HOUSE_NAMES.map((name) => rateOf(name, seen, alone[HOUSES[name].engine]));
    return [...rates, ...(await measureAnnouncements(town, settings.scale)), await bidSize(town.journalFile)];
  },
};

type Seen = Record<HouseName, Turn[]>;

async function takeTurns(
  town: Town,
  { folder, scale, signal }: BenchSettings,
  postgres: Postgres,
  closers: AsyncDisposableStack,
): Promise<{ seen: Seen; alone: Rates }> {
  const engines = { sqlite: await openSqlite(folder), postgres: await openPostgresJournal(postgres) };
  for (const engine of Object.values(engines)) closers.defer(() => engine.close());
  const seen: Seen = { sqlite: [], 'postgres-1': [], 'postgres-2': [], 'postgres-3': [] };
  const alone: Rates = { sqlite: [], postgres: [] };
  const order = [...HOUSE_NAMES];
  for (let round = 0; round <= Math.max(1, ROUNDS * scale) && !signal.aborted; round += 1) {
    for (const engine of ['sqlite', 'postgres'] as const)
      alone[engine].push(await appendRate(engines[engine], BATCH, APPEND_MS * Math.min(1, scale)));
    for (const name of order) seen[name].push(await town.bid(name, countFor(seen[name], scale)));
    // A machine that slows down or speeds up in the course of a round favours each house as often as another.
    order.reverse();
  }
  // The first round warms up.
  for (const list of [...Object.values(seen), ...Object.values(alone)]) list.shift();
  return { seen, alone };
}

/** As many bids as the house took in `TURN_MS` the last time, in whole rounds over the lots. */
function countFor(seen: readonly Bidding[], scale: number): number {
  const last = seen.at(-1);
  const perMs = last === undefined ? 0 : last.accepted / last.elapsedMs;
  const rounds = Math.round((perMs * TURN_MS * Math.min(1, scale)) / LOTS);
  return Math.min(MOST_BIDS, Math.max(2, rounds) * LOTS);
}

function rateOf(name: HouseName, all: Seen, besides: readonly number[]): Figure {
  const seen = all[name];
  const values = seen.map(perSecond);
  const figure = compared({
    ...{ name: `commands-${name}`, unit: '1/s', values },
    ...{ yardstick: `appends alone, ${BATCH} at once`, besides },
  });
  const answered = seen.flatMap(({ answeredMs }) => answeredMs);
  const [p50, p99] = [0.5, 0.99].map((share) => Math.round(percentile(answered, share)));
  const busy = Math.round(median(seen.map(({ busyShare }) => busyShare)) * 100);
  const notes = [
    figure.note,
    `${BIDDERS} bidders, ${LOTS} lots, a bid under way on each`,
    verdicts(seen),
    `${Math.round(cpuPerCommand(seen) * 1e6)} µs of the nodes' processor time each`,
    `answered p50 ${p50} ms, p99 ${p99} ms`,
    `bidders' process busy ${busy} %, nothing pinned`,
  ];
  const anew = seen.reduce((total, { stampedAnew }) => total + stampedAnew, 0);
  if (anew > 0) notes.push(`${anew} stamped anew while the clock ran`);
  if (HOUSES[name].nodes > 1) {
    const times = values.map((value, round) => value / perSecond(all['postgres-1'][round] as Bidding));
    notes.push(`${median(times).toFixed(2)} times one node`);
  }
  return judged({ ...figure, note: notes.join('; ') });
}

function perSecond({ accepted, elapsedMs }: Bidding): number {
  return (accepted / elapsedMs) * 1_000;
}

function cpuPerCommand(seen: readonly Turn[]): number {
  return median(seen.map(({ cpuSeconds, accepted }) => cpuSeconds / accepted));
}
