/** Waits until the last seconds by signed time, so that nobody has the time to answer; then bids as `steady` does. */
import { steady } from './steady.ts';
import type { Move, Sight } from './strategy.ts';

/** Late, and still early enough for a timestamp before the closing over a slow line. */
export const SNIPER_LAST_MS = 5_000;

export function sniper(sight: Sight): Move {
  return sight.leftMs > SNIPER_LAST_MS ? undefined : steady(sight);
}
