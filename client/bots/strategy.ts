/** How a bot thinks: from what it can see of one lot to a bid, or to waiting. */
import type { Amount, Instant } from '../../shared/wire/vocabulary.ts';

/** What a strategy may know. All of it is public, but for `isLeading` and `ownBids`, which are about us. */
export interface Sight {
  /** The trusted time. */
  readonly now: Instant;
  /** Until the lot takes no more bids, in milliseconds; more than 0. */
  readonly leftMs: number;
  readonly startingPrice: Amount;
  readonly increment: Amount;
  /** Bids that everybody was told of. */
  readonly bids: number;
  readonly leadingAmount?: Amount;
  /** Whether the leading bid is ours, as far as anybody was told. */
  readonly isLeading: boolean;
  /** How many bids of ours on this lot were recorded. */
  readonly ownBids: number;
  /** The least that the house takes now. */
  readonly nextValid: Amount;
  /** The most that this bot may bid. */
  readonly limit: Amount;
}

/** `undefined` is to wait. */
export type Move = { readonly bid: Amount } | undefined;

/** Pure: the same sight always leads to the same move. */
export type Strategy = (sight: Sight) => Move;
