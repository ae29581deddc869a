/**
 * Every parser that meets foreign bytes, ten thousand cases each, with a fresh seed in every run. What fails names its
 * target, seed and path; `npm run fuzz -- --only TARGET --seed N --path P` runs that case again.
 */
import { describe, expect, it } from 'vitest';
import { fuzz } from './run-target.ts';
import { TARGETS } from './targets.ts';

const CASES = 10_000;
/** Nobody is timed here: it is for a machine that does other things as well. */
const PATIENCE_MS = 120_000;

describe.each(TARGETS.map((target) => [target.name, target] as const))('%s', (_name, target) => {
  it('reads or refuses whatever comes', { timeout: PATIENCE_MS }, async () => {
    const { verdicts } = await fuzz(target, { cases: CASES / (target.weight ?? 1) });
    expect([...verdicts.keys()]).toEqual(expect.arrayContaining([...target.reaches]));
  });
});
