/**
 * Every parser that meets foreign bytes, ten thousand cases each, with a fresh seed in every run. What fails names its
 * target, seed and path; `npm run fuzz -- --only TARGET --seed N --path P` runs that case again.
 */
import { describe, expect, it } from 'vitest';
import { CASES, fuzz } from './run-target.ts';
import { TARGETS } from './targets.ts';

/** Nobody is timed here: it is for a machine that does other things as well. */
const PATIENCE_MS = 120_000;

describe.each(TARGETS.map((target) => [target.name, target] as const))('%s', (_name, target) => {
  it('reads or refuses whatever comes', { timeout: PATIENCE_MS }, async () => {
    const cases = CASES / (target.weight ?? 1);
    const { verdicts } = await fuzz(target, { cases });
    const judged = verdicts.values().reduce((sum, count) => sum + count, 0);
    expect(judged).toBeGreaterThanOrEqual(cases);
  });
});
