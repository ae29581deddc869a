/** Deaths come from the seed alone, and nobody is left out. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../client/bots/workload/random.ts';
import { deaths, pauseFor } from './chaos.ts';
import { parseOptions } from './options.ts';

const TARGETS = ['a', 'b', 'c', 'd'];
const first = (seed: string, count: number) => deaths(createRandom(seed), TARGETS, 1_000).take(count).toArray();

describe('deaths', () => {
  it('come again with the seed', () => {
    expect(first('one', 20)).toEqual(first('one', 20));
    expect(first('one', 20)).not.toEqual(first('two', 20));
  });

  it('take everybody once before anybody twice', () => {
    const order = first('three', 400).map(({ target }) => target);
    for (let at = 0; at < order.length; at += 4) expect(order.slice(at, at + 4).toSorted()).toEqual(TARGETS);
    // In an order of their own each time: 24 there are.
    expect(
      new Set(Array.from({ length: 100 }, (_, at) => order.slice(at * 4, at * 4 + 4).join(''))).size,
    ).toBeGreaterThan(15);
  });

  it('take everybody within the time, however the pauses fall', () => {
    for (const ms of [5_000, 60_000]) {
      const pause = pauseFor(TARGETS.length, ms, 15_000);
      expect(pause * 1.5 * TARGETS.length).toBeLessThan(ms);
      expect(pause).toBeLessThanOrEqual(15_000);
    }
    const pauses = first('four', 1_000).map(({ afterMs }) => afterMs);
    expect(Math.max(...pauses)).toBeLessThan(1_500);
    expect(Math.min(...pauses)).toBeGreaterThan(500);
  });
});

describe('the options of a soak', () => {
  const parse = (...args: string[]) =>
    parseOptions(
      args,
      () => 'drawn',
      () => true,
    );

  it('have a half hour of the small house as their preset, at the rate that keeps its lots', () => {
    expect(parse()).toMatchObject({
      ms: 1_800_000,
      size: { connections: 50, lots: 20 },
      seed: 'drawn',
      isShared: true,
    });
    expect(parse().rate * parse().mix.list).toBeCloseTo(0.28, 2);
    expect(parse('--size', 'M', '--rate', '5', '--mix', 'auction-mark', '--journal', 'sqlite')).toMatchObject({
      ...{ size: { connections: 500 }, rate: 5, mix: { allitems: 0.53 }, isShared: false },
    });
  });

  it.each([
    ['--minutes', '0'],
    ['--size', 'XL'],
    ['--rate', 'fast'],
    ['--mix', 'all'],
    ['--lots', '3'],
    ['--journal', 'x'],
  ])('refuse %s %s', (...args) => expect(() => parse(...args)).toThrow());
});
