/** Bids the starting price on a lot that nobody has bid on, once. */
import type { Move, Sight } from './strategy.ts';

export function opener({ bids, ownBids, startingPrice, limit }: Sight): Move {
  return bids > 0 || ownBids > 0 || startingPrice > limit ? undefined : { bid: startingPrice };
}
