/** How soon a bid is answered when a house has half of what it can do: nobody waits for another's answer. */
import type { BenchSettings } from '../bench.ts';
import { verdicts } from '../commands/verdicts.ts';
import { appendRate, openPlainFile } from '../journal/engines.ts';
import { compared, type Figure, judged } from '../report.ts';
import { median, percentile } from '../statistics.ts';
import { type PipelineSide, type Side, YARDSTICKS, type Yardstick } from './messages.ts';
import { type Stage, type Turn, takeTurn } from './stage.ts';

const SHARES = { 'bids-p50': 0.5, 'bids-p99': 0.99 } as const;
const BESIDE_VERIFYING = 'bids-p99-beside-verifying';
export const HALF_LOAD: readonly string[] = [...Object.keys(SHARES), BESIDE_VERIFYING];

const ROUNDS = 20;
/** Turns before it counts. */
const WARM_UPS = 2;
/** As long as stamps allow that are made before. */
const TURN_MS = 800;
/** More bids than chance is likely to ask for: with a few hundred, that is three times its spread. */
const SPARE = 1.2;
const LEAST_BIDS = 20;
/** How long the disk is tried after each round. */
const SYNC_MS = 100;

/** The slowest of a hundred may take so many times as long as at a server that does nothing. */
const MOST_P99 = 3;

export async function measureHalfLoad(
  stage: Stage,
  perSecond: number,
  { folder, scale, signal }: BenchSettings,
): Promise<Figure[]> {
  const [disk, syncedMs] = [await openPlainFile(folder), [] as number[]];
  const turns: Record<PipelineSide, Turn[]> = { house: [], verifying: [], empty: [] };
  const order: PipelineSide[] = ['house', 'verifying', 'empty'];
  for (let round = 0; round < WARM_UPS + Math.max(1, ROUNDS * scale) && !signal.aborted; round += 1) {
    for (const side of order) turns[side].push(await arrivalTurn(stage, side, perSecond, round));
    syncedMs.push(1_000 / (await appendRate(disk, 1, SYNC_MS)));
    order.reverse();
  }
  await disk.close();
  for (const list of Object.values(turns)) list.splice(0, WARM_UPS);
  return figures(turns, perSecond, median(syncedMs));
}

/** Bids at moments of chance, so many a second; the house's are made before. */
export async function arrivalTurn(stage: Stage, side: Side, perSecond: number, round: number): Promise<Turn> {
  const { halls } = stage;
  if (side === 'house') await halls.prepare(LEAST_BIDS + Math.ceil((perSecond / 1_000) * TURN_MS * SPARE));
  return takeTurn(stage, side, () => halls.arrive(side, TURN_MS, perSecond, round));
}

function figures(
  { house, empty, verifying }: Record<PipelineSide, Turn[]>,
  perSecond: number,
  syncedMs: number,
): Figure[] {
  const beside = (name: string, share: number, yardstick: Yardstick, turns: readonly Turn[]) =>
    compared({
      ...{ name, unit: 'ms', values: timesOf(house, share) },
      ...{ yardstick: YARDSTICKS[yardstick], besides: timesOf(turns, share) },
    });
  const p50 = beside('bids-p50', SHARES['bids-p50'], 'empty', empty);
  const p99 = beside('bids-p99', SHARES['bids-p99'], 'empty', empty);
  const notes = [
    p99.note,
    `${Math.round(perSecond)} bids a second at moments of chance, counted from there`,
    verdicts(house),
    `left late by (p99) ${late(house)} ms to the house, ${late(empty)} ms to the empty server`,
    `one record is written to a plain file and synced in ${syncedMs.toFixed(2)} ms`,
  ];
  const besideVerifying = beside(BESIDE_VERIFYING, SHARES['bids-p99'], 'verifying', verifying);
  const middles = [house, verifying].map((turns) => median(timesOf(turns, SHARES['bids-p50'])).toFixed(2));
  return [
    judged(p50),
    judged({ ...p99, note: notes.join('; ') }, { atMost: MOST_P99 }),
    judged({ ...besideVerifying, note: `${besideVerifying.note}; p50 ${middles.join(' ms beside ')}` }),
  ];
}

/** Of each turn. */
export function timesOf(turns: readonly Turn[], share: number): number[] {
  return turns.map(({ answeredMs }) => percentile(answeredMs, share));
}

function late(turns: readonly Turn[]): string {
  return median(turns.map(({ lateMs }) => percentile(lateMs, 0.99))).toFixed(2);
}
