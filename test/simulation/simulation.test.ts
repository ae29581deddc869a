/** Plays towns of fresh seeds for a fixed time, and those seeds again that have shown something before. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { explain, summarize } from './report.ts';
import { type Simulated, simulate } from './simulate.ts';

const FRESH_MS = 20_000;

/** One town of each kind: quick with one node, with two, and of whole days. */
const KINDS = ['planted 0', 'planted 4', 'planted 10'];

/** Seeds that have shown a bug of the house, and which. */
const FOUND: readonly (readonly [seed: string, bug: string])[] = [
  ['a75', 'who came from a node that was ahead heard again what a snapshot had shown'],
  ['c0', 'who came from a node that was ahead heard again what a snapshot had shown'],
];

describe('a simulated house', () => {
  it.each(KINDS)('goes the same way twice: %s', async (seed) => {
    const lines: string[] = [];
    const first = await simulate(seed, { print: (line) => void lines.push(line) });
    const second = await simulate(seed);
    expect(second.digest).toBe(first.digest);
    expect(second.steps).toBe(first.steps);
    expect(lines.length).toBeGreaterThan(500);
  });

  it('goes another way by another seed', async () => {
    const [one, other] = [await simulate('one'), await simulate('other')];
    expect(one.digest).not.toBe(other.digest);
  });

  it.each(FOUND)('is rid of a bug, by seed %s: %s', async (seed) => {
    const simulated = await simulate(seed);
    expect(simulated.finding, explain(simulated)).toBeUndefined();
  });

  it('holds its rules in fresh towns', { timeout: FRESH_MS + 60_000 }, async () => {
    const results: Simulated[] = [];
    const until = performance.now() + FRESH_MS;
    while (performance.now() < until) results.push(await simulate(randomBytes(4).toString('hex')));
    process.stdout.write(`${summarize(results)}\n`);
    const found = results.filter(({ finding }) => finding !== undefined);
    expect(found.map(explain).join('\n')).toBe('');
    // A town in which nothing happens would hold every rule.
    expect(results.every(({ auctions, answers }) => auctions > 0 && (answers.get('accepted') ?? 0) > auctions)).toBe(
      true,
    );
  });
});
