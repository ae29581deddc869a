/** Bids the least that leads whenever somebody else does, up to the limit. */
import type { Move, Sight } from './strategy.ts';

export function steady({ isLeading, nextValid, limit }: Sight): Move {
  return isLeading || nextValid > limit ? undefined : { bid: nextValid };
}
