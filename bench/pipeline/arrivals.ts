/** Moments that do not depend on answers: people who come, each for himself (a Poisson process). */
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { createRandom } from '../../client/bots/workload/random.ts';

/** A timer comes up to so much later than it was set for; what is left of the waiting is turns of the event loop. */
const TIMER_MS = 2;

/** So many a second on average, for so long: milliseconds from the beginning. */
export function poissonMoments(seed: string, perSecond: number, ms: number): number[] {
  const random = createRandom(seed);
  const moments: number[] = [];
  for (let at = random.exponential(perSecond / 1_000); at < ms; at += random.exponential(perSecond / 1_000))
    moments.push(at);
  return moments;
}

/** Waits until `at`, by `performance.now()`, and no longer than it takes to serve what has come meanwhile. */
export async function until(at: number): Promise<void> {
  for (let left = at - performance.now(); left > 0; left = at - performance.now())
    await (left > TIMER_MS ? pause(left - TIMER_MS) : turn());
}
