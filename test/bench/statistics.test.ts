import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, percentile } from '../../bench/statistics.ts';
import { InvariantViolation } from '../../shared/invariant.ts';

describe('a percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it.each([
    [0.5, 50],
    [0.99, 99],
    [0.991, 100],
    [1, 100],
    [0.001, 1],
  ])('%d of 1 to 100 is %d', (share, value) => {
    expect(percentile(hundred, share)).toBe(value);
  });

  it('compares numbers as numbers', () => {
    expect(percentile([10, 9, 100], 1)).toBe(100);
  });

  it('is one of the values, and so many of them do not exceed it', () => {
    const values = fc.array(fc.integer(), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (some, share) => {
        const value = percentile(some, share);
        expect(some).toContain(value);
        expect(some.filter((other) => other <= value).length).toBeGreaterThanOrEqual(share * some.length);
      }),
    );
  });

  it.each([
    [[], 0.5],
    [[1], 0],
    [[1], 1.1],
  ])('of %j at %d is a mistake of ours', (values, share) => {
    expect(() => percentile(values, share)).toThrow(InvariantViolation);
  });
});

describe('a median', () => {
  it.each([
    [[3], 3],
    [[3, 1], 2],
    [[10, 9, 100], 10],
    [[4, 1, 3, 2], 2.5],
  ])('of %j is %d', (values, middle) => {
    expect(median(values)).toBe(middle);
  });
});
