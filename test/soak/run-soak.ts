/** A soak from its beginning to its end: everything runs, is killed and comes back, and in the end the books are opened. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Verified } from '../../bench/workload/audit/open-books.ts';
import type { Problem } from '../../bench/workload/audit/problem.ts';
import { Director } from '../../bench/workload/director.ts';
import type { Outcome } from '../../bench/workload/orders.ts';
import { AuctionMark } from '../../client/bots/workload/auction-mark.ts';
import { createRandom } from '../../client/bots/workload/random.ts';
import { delay } from '../../client/connection/back-off.ts';
import { until } from '../support/until.ts';
import { deaths, pauseFor } from './chaos.ts';
import { clock, Figures } from './figures.ts';
import { judgeGrowth } from './growth.ts';
import { auditTown, closeAll } from './last-act.ts';
import { ObservedBoard } from './observed-board.ts';
import type { SoakOptions } from './options.ts';
import { type Target, Town } from './town.ts';

export interface SoakRun extends SoakOptions {
  /** Empty; everything of the run goes there. */
  readonly folder: string;
  readonly say: (line: string) => void;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

export interface SoakReport extends Verified {
  readonly kills: ReadonlyMap<string, number>;
  readonly accepted: number;
}

const LINE_MS = 5_000;
/** Nobody is killed in the last part: what grows shows itself in processes that live long. */
const CALM = 0.5;
const MOST_PAUSE_MS = 15_000;
/** After everybody is back the house gets its breath. */
const BREATH_MS = 3_000;
const BACK_LIMIT_MS = 120_000;

export async function runSoak(run: SoakRun): Promise<SoakReport> {
  const { folder, say, size, processes, isShared, hostile, seed } = run;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const problems: Problem[] = [];
  const onGone = (name: string, how: string) => {
    problems.push({ rule: 'process-ended', detail: `${name} by itself, with ${how}: see ${join(folder, 'logs')}` });
    say(`${name} ended by itself, with ${how}`);
  };
  say(
    `seed ${run.seed}, ${size.connections} participants, ${size.lots} lots, ${run.rate.toFixed(1)} operations/s, ${isShared ? 'two nodes on PostgreSQL' : 'one node on a file'}`,
  );
  const town = await Town.build({ folder, isShared, participants: size.connections, processes, hostile, seed, onGone });
  try {
    await until('everybody', () => town.absent === 0, BACK_LIMIT_MS);
    const soak = new Soak(run, town);
    await soak.act();
    say('the end: everybody back, the clock beyond every closing');
    const isOver = await soak.settle();
    const audit = await auditTown(town, folder, isOver);
    const clientsIn = (name: string) => town.crowds.find(({ process }) => process.name === name)?.members.length ?? 0;
    const growth = judgeGrowth(soak.figures, clientsIn, say);
    return {
      ...audit,
      problems: [...problems, ...audit.problems, ...growth],
      kills: soak.kills,
      accepted: soak.figures.accepted,
    };
  } finally {
    await town.close();
  }
}

class Soak {
  readonly figures = new Figures();
  readonly kills = new Map<string, number>();
  readonly #run: SoakRun;
  readonly #town: Town;
  readonly #began = performance.now();
  readonly #reviving = new Set<Promise<unknown>>();
  /** Who is dead can't be killed. */
  readonly #dead = new Set<string>();
  #disturbedAt = Number.NEGATIVE_INFINITY;

  constructor(run: SoakRun, town: Town) {
    this.#run = run;
    this.#town = town;
  }

  /** Until the time is over, or the signal. */
  async act(): Promise<void> {
    const { signal, ms, seed, size, mix, rate: perSecond } = this.#run;
    const over = AbortSignal.any([signal, AbortSignal.timeout(ms)]);
    const mark = new AuctionMark(createRandom(`${seed} workload`), {
      sellers: size.connections,
      buyers: size.connections,
    });
    const director = new Director({ size, board: new ObservedBoard(this.#town.observer), people: this.#town.people });
    const draw = {
      ...{ mark, signal: over },
      onOutcome: (outcome: Outcome, took: number) => this.figures.take(outcome, took),
    };
    const working = [director.operate({ ...draw, mix, perSecond }), director.keepOpen(draw), director.churn(draw)];
    await Promise.all([...working, this.#kill(over), this.#tell(over)]);
    await director.settled();
    await Promise.all(this.#reviving);
  }

  /** Everybody comes back and hears the end. */
  async settle(): Promise<boolean> {
    const { crowds, intruders } = this.#town;
    await until('everything to be back', () => this.#town.isWhole && this.#town.absent === 0, BACK_LIMIT_MS);
    await intruders.process.kill();
    const isOver = await closeAll(this.#town);
    await Promise.all(crowds.map((crowd) => crowd.end()));
    return isOver;
  }

  async #kill(signal: AbortSignal): Promise<void> {
    const { seed, ms } = this.#run;
    const { targets } = this.#town;
    const chaosMs = ms * (1 - CALM);
    const pauseMs = pauseFor(targets.length, chaosMs, MOST_PAUSE_MS);
    const names = targets.map(({ name }) => name);
    for (const { afterMs, target, awayMs } of deaths(createRandom(`${seed} deaths`), names, pauseMs)) {
      await delay(afterMs, signal);
      // On a machine that is busy with other things the first round takes as long as it takes.
      if (signal.aborted || (this.#elapsed() > chaosMs && this.kills.size === targets.length)) return;
      const dying = targets.find(({ name }) => name === target && !this.#dead.has(name));
      if (dying !== undefined) this.#keepReviving(this.#die(dying, awayMs, signal));
    }
  }

  async #die(target: Target, awayMs: number, signal: AbortSignal): Promise<void> {
    const { name } = target;
    this.#dead.add(name);
    this.kills.set(name, (this.kills.get(name) ?? 0) + 1);
    this.#run.say(`${clock(this.#elapsed())}  ${name} is killed, and away for ${Math.round(awayMs)} ms`);
    await target.kill();
    await delay(awayMs, signal);
    await target.revive();
    this.#dead.delete(name);
    this.#disturbedAt = performance.now();
  }

  #keepReviving(work: Promise<void>): void {
    const kept = work.finally(() => this.#reviving.delete(kept));
    this.#reviving.add(kept);
  }

  async #tell(signal: AbortSignal): Promise<void> {
    let before = performance.now();
    while (!signal.aborted) {
      await delay(LINE_MS, signal);
      const now = performance.now();
      if (this.#reviving.size > 0) this.#disturbedAt = now;
      const isQuiet = this.#disturbedAt + BREATH_MS < before;
      this.#run.say(this.figures.line(this.#elapsed(), now - before, this.#town.watch(now), isQuiet));
      before = now;
    }
  }

  #elapsed(): number {
    return performance.now() - this.#began;
  }
}
