/** Plays towns of fresh seeds for a fixed time, and some towns twice. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { QUICK_DAY_MS } from './profile.ts';
import { explain, summarize } from './report.ts';
import { type Simulated, simulate } from './simulate.ts';

const FRESH_MS = 20_000;

/** One town of each kind: quick with one node, with two, and of whole days. */
const KINDS = [
  ['planted 0', { nodes: 1, dayMs: QUICK_DAY_MS }],
  ['planted 4', { nodes: 2, dayMs: QUICK_DAY_MS }],
  ['planted 10', { nodes: 1, dayMs: 86_400_000 }],
] as const;

describe('a simulated house', () => {
  it.each(KINDS)('goes the same way twice: %s', async (seed, kind) => {
    const lines: string[] = [];
    const first = await simulate(seed, { print: (line) => void lines.push(line) });
    const second = await simulate(seed);
    expect(first.profile).toMatchObject(kind);
    expect(second.digest).toBe(first.digest);
    expect(second.steps).toBe(first.steps);
    expect(lines.length).toBeGreaterThan(500);
  });

  it('is played by the command on all cores', { timeout: 60_000 }, () => {
    const file = fileURLToPath(new URL('main.ts', import.meta.url));
    const { status, stdout } = spawnSync(process.execPath, [file, '--minutes', '0.001'], { encoding: 'utf8' });
    expect(status, stdout).toBe(0);
    expect(Number(/^(\d+) seeds/.exec(stdout)?.[1])).toBeGreaterThanOrEqual(availableParallelism());
    expect(stdout).toMatch(/ 0 findings/);
  });

  it('goes another way by another seed', async () => {
    const [one, other] = [await simulate('one'), await simulate('other')];
    expect(one.digest).not.toBe(other.digest);
  });

  it('holds its rules in fresh towns', { timeout: FRESH_MS + 60_000 }, async () => {
    const results: Simulated[] = [];
    const until = performance.now() + FRESH_MS;
    while (performance.now() < until) results.push(await simulate(randomBytes(4).toString('hex')));
    process.stdout.write(`${summarize(results)}\n`);
    const found = results.filter(({ finding }) => finding !== undefined);
    expect(found.map(explain).join('\n')).toBe('');
    // Towns in which nothing happens would hold every rule.
    const sum = (of: (one: Simulated) => number) => results.reduce((total, one) => total + of(one), 0);
    const auctions = sum((one) => one.auctions);
    expect(auctions).toBeGreaterThan(results.length);
    expect(sum(({ answers }) => answers.get('accepted') ?? 0)).toBeGreaterThan(auctions);
  });
});
