/** Everybody bids on one lot, beside as many bids under way on twenty lots. */
import type { Bench } from '../bench.ts';
import { compared, type Figure, judged } from '../report.ts';
import { percentileMs } from '../statistics.ts';
import { verdictsOn } from './answers.ts';
import { LotsHouse } from './lots-house.ts';
import type { Answered, Bids } from './messages.ts';

const ROUNDS = 12;
const BIDDERS = 50;
const LOTS = 20;
const UNDER_WAY = 20;
const HOUR_MS = 3_600_000;
/** In a turn: stamps are good for three seconds, and the first is made before the last. */
const [LEAST_BIDS, MOST_BIDS, TURN_MS] = [100, 1_500, 1_000];

export const hotLot: Bench = {
  group: 'lots',
  figures: ['hot-lot-accepted', 'hot-lot-p50', 'hot-lot-p99'],
  measure: (settings) =>
    LotsHouse.during(settings, async (house): Promise<Figure[]> => {
      const { url } = await house.openNode();
      const [hot, many] = [await house.invite('hot', BIDDERS), await house.invite('many', BIDDERS)];
      const closesAt = Date.now() + HOUR_MS;
      for (const [people, lots] of [
        [hot, 1],
        [many, LOTS],
      ] as const) {
        await people.ask({ type: 'enter', url });
        await people.ask({ type: 'list', lots, closesAt, bidOn: lots });
      }
      const [onOne, onMany]: [Bids[], Bids[]] = [[], []];
      for (let round = 0; round <= Math.max(1, ROUNDS * settings.scale) && !settings.signal.aborted; round += 1) {
        for (const [people, seen] of [
          [hot, onOne],
          [many, onMany],
        ] as const)
          seen.push(await people.ask<Bids>({ type: 'bid', count: countFor(seen.at(-1)), underWay: UNDER_WAY }));
      }
      // The first round warms up.
      return figuresOf(onOne.slice(1), onMany.slice(1));
    }),
};

function countFor(last: Bids | undefined): number {
  const perMs = last === undefined ? 0 : last.answered.length / last.elapsedMs;
  return Math.round(Math.max(LEAST_BIDS, Math.min(MOST_BIDS, perMs * TURN_MS)));
}

function figuresOf(hot: readonly Bids[], many: readonly Bids[]): Figure[] {
  const yardstick = `on ${LOTS} lots`;
  const rate = compared({
    ...{ name: 'hot-lot-accepted', unit: '1/s', values: hot.map(acceptedRate) },
    ...{ yardstick, besides: many.map(acceptedRate) },
  });
  const told = `${BIDDERS} bidders, ${UNDER_WAY} bids under way; on one lot ${verdictsOn(allOf(hot))}; on ${LOTS} ${verdictsOn(allOf(many))}`;
  const answered = (share: number) => {
    const at = (seen: readonly Bids[]) => seen.map((bids) => percentileMs(bids.answered, share));
    const name = `hot-lot-p${share * 100}`;
    return judged(compared({ name, unit: 'ms', values: at(hot), yardstick, besides: at(many) }));
  };
  return [judged({ ...rate, note: `${rate.note}; ${told}` }), answered(0.5), answered(0.99)];
}

function acceptedRate({ answered, elapsedMs }: Bids): number {
  return (answered.filter(({ no }) => no === undefined).length / elapsedMs) * 1_000;
}

function allOf(seen: readonly Bids[]): Answered[] {
  return seen.flatMap(({ answered }) => answered);
}
