/** What counts as growth, and what does not. */
import { describe, expect, it } from 'vitest';
import { judgeGrowthOf, type Sample, slopeOf } from './slope.ts';

const HOUR_MS = 3_600_000;
/** One sample a minute. */
const line = (life: string, from: number, perHour: number, count = 30): Sample[] =>
  Array.from({ length: count }, (_, minute) => ({
    life,
    atMs: minute * 60_000,
    value: from + (perHour * minute) / 60 + (minute % 2 === 0 ? 1 : -1),
  }));

describe('a slope', () => {
  it('is that of the line, with its error', () => {
    const slope = slopeOf(line('one', 100, 30))!;
    expect(Math.abs(slope.perHour - 30)).toBeLessThan(3 * slope.error);
    expect(slope.error).toBeGreaterThan(0);
    expect(slope.spanMs).toBe(29 * 60_000);
    // By hand: three points of y = 2x + 1.
    const three = [0, 1, 2].map((x) => ({ life: '', atMs: x * HOUR_MS, value: 2 * x + 1 }));
    expect(slopeOf(three)!.perHour).toBeCloseTo(2, 9);
    expect(slopeOf(three)!.error).toBeCloseTo(0, 9);
    expect(slopeOf(three)!.mean).toBe(3);
  });

  it('takes no notice of where a life begins', () => {
    // The second life needs more than the first, and is later, but neither grows.
    const later = line('two', 500, 0).map((sample) => ({ ...sample, atMs: sample.atMs + HOUR_MS }));
    const slope = slopeOf([...line('one', 100, 0), ...later])!;
    expect(Math.abs(slope.perHour)).toBeLessThan(1);
    expect(judgeGrowthOf([...line('one', 100, 0), ...later], 1, 0)).toBe('steady');
  });

  it('counts where it is greater than allowed beyond its error, and was looked at for long enough', () => {
    expect(judgeGrowthOf(line('one', 100, 200), 100, HOUR_MS / 4)).toBe('grows');
    expect(judgeGrowthOf(line('one', 100, 50), 100, HOUR_MS / 4)).toBe('steady');
    expect(judgeGrowthOf(line('one', 100, 200, 5), 100, HOUR_MS / 4)).toBe('too short to say');
    // One sample a life: there is nothing to compare.
    expect(judgeGrowthOf([...line('one', 1, 1, 1), ...line('two', 2, 1, 1)], 100, 0)).toBe('too short to say');
  });

  it('does not count where it came to an end', () => {
    const step = line('one', 100, 0).map((sample, minute) => ({
      ...sample,
      value: sample.value + (minute < 15 ? 0 : 200),
    }));
    expect(slopeOf(step)!.perHour).toBeGreaterThan(300);
    expect(judgeGrowthOf(step, 100, 0)).toBe('steady');
  });
});
