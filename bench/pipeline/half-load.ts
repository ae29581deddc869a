/** How soon a bid is answered when a house has half of what it can do: nobody waits for another's answer. */
import type { BenchSettings } from '../bench.ts';
import { verdicts } from '../commands/verdicts.ts';
import { compared, type Figure, judged } from '../report.ts';
import { median, percentile } from '../statistics.ts';
import type { Side } from './messages.ts';
import { type Stage, type Turn, takeTurn } from './stage.ts';

const SHARES = { 'bids-p50': 0.5, 'bids-p99': 0.99 } as const;
export const HALF_LOAD: readonly string[] = Object.keys(SHARES);

const ROUNDS = 20;
/** Turns before it counts. */
const WARM_UPS = 2;
/** As long as stamps allow that are made before. */
const TURN_MS = 800;
/** More bids than chance is likely to ask for: with a few hundred, that is three times its spread. */
const SPARE = 1.2;
const LEAST_BIDS = 20;

/** The slowest of a hundred may take so many times as long as at a server that does nothing. */
const MOST_P99 = 3;

export async function measureHalfLoad(
  stage: Stage,
  perSecond: number,
  { scale, signal }: BenchSettings,
): Promise<Figure[]> {
  const { halls } = stage;
  const turns: Record<Side, Turn[]> = { house: [], empty: [] };
  const take = async (side: Side, round: number) => {
    if (side === 'house') await halls.prepare(LEAST_BIDS + Math.ceil((perSecond / 1_000) * TURN_MS * SPARE));
    turns[side].push(await takeTurn(stage, side, () => halls.arrive(side, TURN_MS, perSecond, round)));
  };
  const order: Side[] = ['house', 'empty'];
  for (let round = 0; round < WARM_UPS + Math.max(1, ROUNDS * scale) && !signal.aborted; round += 1) {
    for (const side of order) await take(side, round);
    order.reverse();
  }
  return figures({ house: turns.house.slice(WARM_UPS), empty: turns.empty.slice(WARM_UPS) }, perSecond);
}

function figures({ house, empty }: Record<Side, Turn[]>, perSecond: number): Figure[] {
  return Object.entries(SHARES).map(([name, share]) => {
    const figure = compared({
      ...{ name, unit: 'ms', values: house.map(({ answeredMs }) => percentile(answeredMs, share)) },
      ...{ yardstick: 'empty Socket.IO server', besides: empty.map(({ answeredMs }) => percentile(answeredMs, share)) },
    });
    if (share === SHARES['bids-p50']) return judged(figure);
    const notes = [
      figure.note,
      `${Math.round(perSecond)} bids a second at moments of chance, counted from there`,
      verdicts(house),
      `left late by (p99) ${late(house)} ms to the house, ${late(empty)} ms to the empty server`,
    ];
    return judged({ ...figure, note: notes.join('; ') }, { atMost: MOST_P99 });
  });
}

function late(turns: readonly Turn[]): string {
  return median(turns.map(({ lateMs }) => percentile(lateMs, 0.99))).toFixed(2);
}
