/** The bids on a lot that were heard, for whoever draws its price. Pure. */
import type { SomeoneBid } from '../../shared/wire/announcements.ts';
import type { Position } from '../../shared/wire/vocabulary.ts';
import { type LotModel, MAX_HISTORY } from './model.ts';

export function withHeardBid(lot: LotModel, { amount, at, position }: SomeoneBid): LotModel {
  if (lot.history.some((bid) => bid.position === position)) return lot;
  const mine = lot.ownBids.some((bid) => bid.position === position);
  return { ...lot, history: [...lot.history.slice(1 - MAX_HISTORY), { amount, at, position, mine }] };
}

/** The announcement of a bid of ours may come before the house has answered that it is recorded. */
export function withHeardAsOurs(lot: LotModel, position: Position): LotModel {
  return { ...lot, history: lot.history.map((bid) => (bid.position === position ? { ...bid, mine: true } : bid)) };
}

/** A bid that is not in the journal was none. */
export function withoutHeardBid(lot: LotModel, position: Position): LotModel {
  return { ...lot, history: lot.history.filter((bid) => bid.position !== position) };
}
