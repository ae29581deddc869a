/** Who comes first: the order of stamps, and the order of bids that makes the winner. */
import type { Amount, Instant, Serial } from '../../shared/wire/vocabulary.ts';

interface Stamp {
  readonly at: Instant;
  readonly serial: Serial;
}

/** Earlier in the authority's order: by time, and within one time by serial. */
export function isStampedBefore(one: Stamp, other: Stamp): boolean {
  return one.at === other.at ? one.serial < other.serial : one.at < other.at;
}

/** Whether `bid` wins over `other`: by amount, then the earlier time, then the smaller serial. */
export function isGreater(bid: Stamp & { amount: Amount }, other: (Stamp & { amount: Amount }) | undefined): boolean {
  if (other === undefined) return true;
  return bid.amount === other.amount ? isStampedBefore(bid, other) : bid.amount > other.amount;
}
