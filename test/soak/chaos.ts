/** Who is killed when, and for how long: drawn from the seed alone. */
import type { Random } from '../../client/bots/workload/random.ts';

export interface Death {
  /** After the one before it. */
  readonly afterMs: number;
  readonly target: string;
  /** How long it stays away. */
  readonly awayMs: number;
}

/** The pauses are between half of their mean and half as much again. */
const SPREAD = { least: 0.5, most: 1.5 };
/** From a restart by a supervisor to one by somebody who has to come for it. */
const AWAY_MS = { least: 100, most: 3_000 };

/** Deaths without end. Everybody dies once before anybody does again, in an order that is drawn anew each time. */
export function* deaths(random: Random, targets: readonly string[], meanPauseMs: number): Generator<Death, never> {
  const between = ({ least, most }: { least: number; most: number }) => least + (most - least) * random.next();
  for (;;) {
    for (const target of shuffled(targets, random))
      yield { afterMs: meanPauseMs * between(SPREAD), target, awayMs: between(AWAY_MS) };
  }
}

/** How long pauses have to be so that everybody dies at least once in this time. */
export function pauseFor(targets: number, ms: number, mostMs: number): number {
  return Math.min(mostMs, ms / (targets * SPREAD.most + 0.5));
}

/** Fisher and Yates. */
function shuffled<Thing>(things: readonly Thing[], random: Random): Thing[] {
  const order = [...things];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    [order[last], order[other]] = [order[other] as Thing, order[last] as Thing];
  }
  return order;
}
