/** The house beside the earlier design of this auction, in turns: how many bids, and how soon at half of what that design can do. */
import type { Bench, BenchSettings } from '../bench.ts';
import { compared, type Figure, judged } from '../report.ts';
import { median } from '../statistics.ts';
import { arrivalTurn, timesOf } from './half-load.ts';
import { YARDSTICKS } from './messages.ts';
import { acceptedPerSecond, answeredPerSecond, costs, houseTurns, yardstickTurn } from './saturation.ts';
import { openStage, type Stage, type Turn } from './stage.ts';
import { earlierDesign } from './yardsticks.ts';

const BIDS = 'bids-beside-earlier-design';
const SHARES = { 'p50-beside-earlier-design': 0.5, 'p99-beside-earlier-design': 0.99 } as const;
const ROUNDS = 20;
/** Turns before it counts. */
const WARM_UPS = 4;
/** So many times as many bids are the aim. */
const AIM = 10;

type Turns = Record<'house' | 'earlier', Turn[]>;

export const besideEarlier: Bench = {
  group: 'earlier-design',
  figures: [BIDS, ...Object.keys(SHARES)],
  onDemand: true,
  measure: async (settings) => {
    await using closers = new AsyncDisposableStack();
    const stage = await openStage(settings, [await earlierDesign()], closers);
    const house = houseTurns(stage);
    const saturated = await inTurns(settings, (side) => (side === 'house' ? house() : yardstickTurn(stage, side)));
    const half = median(saturated.earlier.map(answeredPerSecond)) / 2;
    const arrivals = await inTurns(settings, (side, round) => arrivalTurn(stage, side, half, round));
    return [
      bids(saturated, stage),
      ...Object.entries(SHARES).map(([name, share]) => times(name, share, arrivals, half)),
    ];
  },
};

async function inTurns(
  { scale, signal }: BenchSettings,
  take: (side: keyof Turns, round: number) => Promise<Turn>,
): Promise<Turns> {
  const turns: Turns = { house: [], earlier: [] };
  const order: (keyof Turns)[] = ['house', 'earlier'];
  const scaled = (count: number) => Math.max(1, Math.round(count * scale));
  const [warmUps, rounds] = [scaled(WARM_UPS), scaled(ROUNDS)];
  for (let round = 0; round < warmUps + rounds && !signal.aborted; round += 1) {
    for (const side of order) turns[side].push(await take(side, round));
    order.reverse();
  }
  for (const list of Object.values(turns)) list.splice(0, warmUps);
  return turns;
}

function bids({ house, earlier }: Turns, { answerBytes }: Stage): Figure {
  const figure = compared({
    ...{ name: BIDS, unit: '1/s', values: house.map(acceptedPerSecond) },
    ...{ yardstick: YARDSTICKS.earlier, besides: earlier.map(answeredPerSecond) },
  });
  const notes = [
    figure.note,
    `the house: durable, with receipts, answers of ${answerBytes} bytes, ${costs(house)}`,
    `the earlier design: neither, ${costs(earlier)}`,
  ];
  return judged({ ...figure, note: notes.join('; ') }, { atLeast: AIM });
}

function times(name: string, share: number, { house, earlier }: Turns, perSecond: number): Figure {
  const figure = compared({
    ...{ name, unit: 'ms', values: timesOf(house, share) },
    ...{ yardstick: YARDSTICKS.earlier, besides: timesOf(earlier, share) },
  });
  return judged({ ...figure, note: `${figure.note}; ${Math.round(perSecond)} bids a second at moments of chance` });
}
