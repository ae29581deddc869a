/** The workload from its beginning to its end: saturation, turns at each load, a burst of closings, the audit. */
import { AUCTION_MARK_MIX, AuctionMark, BROKER_MIX, type Mix } from '../../client/bots/workload/auction-mark.ts';
import { createRandom } from '../../client/bots/workload/random.ts';
import { DAY_MS, LOADS, RUN_MS, SEEDS, SIZES, type SizeName, WARM_UP_MS } from '../../client/bots/workload/sizes.ts';
import { delay } from '../../client/connection/back-off.ts';
import { CLOSING_GRACE_MS } from '../../shared/wire/limits.ts';
import type { BenchSettings } from '../bench.ts';
import { usageOf } from '../process-usage.ts';
import type { Verified } from './audit/open-books.ts';
import { areTold, end } from './ending.ts';
import { inTime } from './in-time.ts';
import { openStage, type Stage } from './stage.ts';
import { type Disclosed, disclosedOf, type Turn, takeTurn } from './turn.ts';

export const MIXES = { broker: BROKER_MIX, auctionmark: AUCTION_MARK_MIX } as const satisfies Record<string, Mix>;
export type MixName = keyof typeof MIXES;

/** The yardstick of every load: a house that is hardly asked for anything. */
export const QUIET = 0.05;
/** Beside the burst. */
const BURST_LOAD = 0.5;
const SATURATION_MS = 10_000;
/** A house that has just begun is slow, and so are those who load it: a load that is a part of less says nothing. */
const LEAST_WARM_UP_MS = 4_000;
const LEAST_SATURATION_MS = 3_000;
/** Operations under way on each connection, and at most, while the saturation is looked for. */
const UNDER_WAY = 2;
const MOST_UNDER_WAY = 400;
/** A turn settles for this part of its length. */
const SETTLING = 0.1;
/** Lots of a burst are open for so long at least: they have to be listed, and bid on. */
const LEAST_BURST_MS = 5_000;
const OPENING_LIMIT_MS = 120_000;

/** What was measured of one mix. */
interface Measured {
  readonly saturation: Turn;
  /** Operations a second. */
  readonly perSecond: number;
  /** At each load, one for each seed. */
  readonly turns: ReadonlyMap<number, Turn[]>;
  burst: Disclosed;
}

export interface MixRun extends Measured {
  readonly mix: MixName;
  readonly disclosed: (turns: readonly Turn[]) => Disclosed;
}

export interface WorkloadRun {
  readonly size: SizeName;
  readonly mixes: readonly MixRun[];
  readonly emptyBytes: number;
  readonly endBytes: number;
  readonly audit: Verified;
}

export async function runWorkload(
  size: SizeName,
  mixes: readonly MixName[],
  settings: BenchSettings,
): Promise<WorkloadRun> {
  await using closers = new AsyncDisposableStack();
  const stage = await openStage(settings, SIZES[size], closers);
  const over = new AbortController();
  // Before anybody is ended whom it keeps at work.
  closers.defer(() => over.abort());
  const signal = AbortSignal.any([over.signal, settings.signal]);
  const house = { mark: markOf(stage, 'house'), signal };
  const keeping = Promise.all([stage.director.keepOpen(house), stage.director.churn(house)]);
  await untilOpen(stage, signal);
  const run = new Runs(stage, settings);
  for (const mix of mixes) await run.saturate(mix);
  for (let seed = 1; seed <= SEEDS; seed += 1) await run.round(seed);
  for (const mix of mixes) await run.burst(mix);
  const endBytes = usageOf(stage.node.child.pid).residentBytes;
  over.abort();
  await keeping;
  const audit = await end(stage, settings);
  return { size, mixes: run.results(), emptyBytes: stage.emptyBytes, endBytes, audit };
}

class Runs {
  readonly #stage: Stage;
  readonly #settings: BenchSettings;
  readonly #mixes = new Map<MixName, Measured>();

  constructor(stage: Stage, settings: BenchSettings) {
    this.#stage = stage;
    this.#settings = settings;
  }

  async saturate(mix: MixName): Promise<void> {
    const { scale, signal } = this.#settings;
    const { connections } = this.#stage.size;
    const saturation = await takeTurn(this.#stage, {
      ...{ mark: markOf(this.#stage, `${mix} saturation`), mix: MIXES[mix], signal },
      ...{ underWay: Math.min(MOST_UNDER_WAY, UNDER_WAY * connections) },
      settleMs: Math.max(LEAST_WARM_UP_MS, WARM_UP_MS * scale),
      ms: Math.max(LEAST_SATURATION_MS, SATURATION_MS * scale),
    });
    const perSecond = saturation.operations / saturation.seconds;
    const turns = new Map([QUIET, ...LOADS].map((load) => [load, []] as [number, Turn[]]));
    this.#mixes.set(mix, { saturation, perSecond, turns, burst: { toParties: [], toAll: [] } });
  }

  /** All mixes at all loads, in an order that the next seed turns round: a machine that slows down favours no load. */
  async round(seed: number): Promise<void> {
    const { scale, signal } = this.#settings;
    const ms = (RUN_MS / SEEDS) * scale;
    const isBack = seed % 2 === 0;
    for (const [mix, { perSecond, turns }] of inOrder([...this.#mixes], isBack)) {
      for (const [load, taken] of inOrder([...turns], isBack)) {
        if (signal.aborted) return;
        const mark = markOf(this.#stage, `${seed} ${mix} ${load}`);
        const wish = { mark, mix: MIXES[mix], perSecond: perSecond * load, settleMs: ms * SETTLING, ms, signal };
        taken.push(await takeTurn(this.#stage, wish));
      }
    }
  }

  /** A hundred lots with one closing instant, while others bid. */
  async burst(mix: MixName): Promise<void> {
    const { director, board } = this.#stage;
    const { scale, signal } = this.#settings;
    const measured = this.#mixes.get(mix) as Measured;
    const mark = markOf(this.#stage, `${mix} burst`);
    const offers = mark.burst();
    const lifeMs = Math.max(LEAST_BURST_MS, (offers[0]?.days ?? 1) * DAY_MS * Math.min(1, scale));
    const closesAt = Math.round(board.now() + lifeMs);
    const over = new AbortController();
    const until = AbortSignal.any([signal, over.signal]);
    director.list(offers, { signal: until, closesAt });
    const perSecond = (measured.perSecond * BURST_LOAD) / (1 - MIXES[mix].list);
    const work = director.operate({ mark, mix: MIXES[mix], perSecond, signal: until });
    await delay(lifeMs + CLOSING_GRACE_MS, signal);
    await areTold(this.#stage, (lot) => lot.closesAt === closesAt, signal);
    over.abort();
    await work;
    const instant = closesAt + CLOSING_GRACE_MS;
    measured.burst = disclosedOf(this.#stage, [{ since: instant, until: instant + 1 }]);
  }

  results(): MixRun[] {
    const disclosed: MixRun['disclosed'] = (turns) => {
      const windows = turns.map(({ window }) => window);
      return disclosedOf(this.#stage, windows);
    };
    return [...this.#mixes].map(([mix, measured]) => ({ mix, ...measured, disclosed }));
  }
}

/** Draws the same again for the same words. */
function markOf({ size: { connections } }: Pick<Stage, 'size'>, seed: string): AuctionMark {
  return new AuctionMark(createRandom(seed), { sellers: connections, buyers: connections });
}

function inOrder<One>(list: readonly One[], isBack: boolean): readonly One[] {
  return isBack ? list.toReversed() : list;
}

async function untilOpen({ board, size }: Stage, signal: AbortSignal): Promise<void> {
  // Some are over again before the last ones are listed.
  const areListed = await inTime(() => board.all().length >= size.lots, OPENING_LIMIT_MS, signal);
  if (!areListed) throw new Error(`${board.all().length} of ${size.lots} lots were listed`);
}
