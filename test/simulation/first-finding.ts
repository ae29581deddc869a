/** Plays town after town with a bug in it, until the auditor finds it; and says what a finding has to say. */
import { afterEach, describe, expect, it } from 'vitest';
import { NO_PLANT, type Plant } from './plant.ts';
import { explain } from './report.ts';
import { type Simulated, simulate } from './simulate.ts';

interface Bug {
  readonly bug: string;
  /** A part of the rules that are broken by it. */
  readonly rule: RegExp;
  readonly plant?: Partial<Plant>;
  /** The seed to begin with, where one town in thirty shows it. */
  readonly from?: number;
}

/** The towns from here on are of two nodes, and busy: few of them are needed for any of the bugs. */
export const FIRST = 90;
/** Whatever is planted is found within a minute of processor time; most of it much sooner. */
const LIMIT_MS = 60_000;
/** Other tests run at the same time. */
const TIMEOUT_MS = 3 * LIMIT_MS;

/** The tests of some bugs; `planted` says to the parts that have them which one is in just now. */
export function findEach(planted: { bug: string }, bugs: readonly Bug[]): void {
  describe('a planted bug is found', () => {
    afterEach(() => {
      planted.bug = '';
    });

    it.each(bugs)('$bug', { timeout: TIMEOUT_MS }, async ({ bug, ...sign }) => {
      planted.bug = bug;
      await demandFound(sign);
    });
  });
}

/** Returns when it was found, by a rule that it breaks. */
async function demandFound({ rule, plant, from = FIRST }: Omit<Bug, 'bug'>): Promise<void> {
  const found = await firstFinding({ ...NO_PLANT, ...plant }, from);
  const said = explain(found);
  expect(found.finding?.rule, said).toMatch(rule);
  expect(said).toContain(`seed ${found.seed}, step ${found.finding?.step}: broken is the rule that`);
  expect(said).toContain(`npm run simulate -- --seed '${found.seed}'`);
}

async function firstFinding(plant: Plant, from: number): Promise<Simulated> {
  const until = processorMs() + LIMIT_MS;
  for (let seed = from; processorMs() < until; seed += 1) {
    const simulated = await simulate(`planted ${seed}`, { plant });
    if (simulated.finding !== undefined) return simulated;
  }
  throw new Error('nothing was found within a minute');
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
