/** The few numbers that stand for many. */
import { invariant } from '../shared/invariant.ts';

/** The value that `share` of all values do not exceed (nearest rank); `share` is above 0 and at most 1. */
export function percentile(values: readonly number[], share: number): number {
  invariant(values.length > 0 && share > 0 && share <= 1, 'a percentile is of some values');
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.ceil(share * sorted.length) - 1] as number;
}

/** The same of what took so many milliseconds. */
export function percentileMs(list: readonly { readonly ms: number }[], share: number): number {
  const times = list.map(({ ms }) => ms);
  return percentile(times, share);
}

/** Counts by name, added up. */
export function addUp(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [name, count] of counts.flatMap((one) => Object.entries(one))) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  invariant(values.length > 0, 'a median is of some values');
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] as number;
  return Number.isInteger(middle) ? ((sorted[middle - 1] as number) + upper) / 2 : upper;
}
