/** How large a house is under the workload, how fast its days go by, and at which loads it is looked at. */
import type { Mix } from './auction-mark.ts';

export interface Size {
  readonly connections: number;
  /** Lots that are open at any time. */
  readonly lots: number;
}

export const SIZES = {
  S: { connections: 50, lots: 20 },
  M: { connections: 500, lots: 200 },
  L: { connections: 2_000, lots: 1_000 },
} as const satisfies Readonly<Record<string, Size>>;
export type SizeName = keyof typeof SIZES;

/** So many times as fast as in life: a day takes 12 s, and lots are open for 12 to 120 s. */
export const CLOCK_FACTOR = 7_200;
/** How long a day of the workload takes. */
export const DAY_MS: number = (24 * 3_600_000) / CLOCK_FACTOR;

/** Of a measured run, and how many seeds it takes. */
export const WARM_UP_MS = 10_000;
export const RUN_MS = 60_000;
export const SEEDS = 3;
/** Shares of the measured saturation at which operations arrive. */
export const LOADS: readonly number[] = [0.25, 0.5, 0.75, 0.9];
/** Hostile commands, as multiples of the saturation, and the connections that they come from. */
export const HOSTILE_LOADS: readonly number[] = [0, 1, 10];
export const HOSTILE_CONNECTIONS: readonly number[] = [1, 10, 100, 400];

/** The mean of N(6 d, 2.5 d), rounded and kept in 1 to 10 d. */
const MEAN_LIFE_DAYS = 5.88;

/** How many lots close in a second where so many are always open: 0.3 (S), 2.8 (M), 14 (L). */
export function closingsPerSecond({ lots }: Pick<Size, 'lots'>): number {
  return (lots / (MEAN_LIFE_DAYS * DAY_MS)) * 1_000;
}

/** Operations a second at which the listings of a mix are as many as the closings, so that the number open stays by itself. */
export function steadyRate(size: Pick<Size, 'lots'>, { list }: Mix): number {
  return closingsPerSecond(size) / list;
}
