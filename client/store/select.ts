/** From the model to what people and strategies look at: standings, the next valid bid, the time left, and finished strings. */
import type { Amount, Instant, LotId } from '../../shared/wire/vocabulary.ts';
import type { LotReference } from '../commands/intent.ts';
import type { LotModel, Model } from './model.ts';

/** What a lot is to us. */
export type Standing = 'offering' | 'leading' | 'outbid' | 'none' | 'won' | 'lost';

/** The lot of this number or id; `undefined` where none is known. */
export function findLot(model: Model, reference: LotReference): LotModel | undefined {
  if (typeof reference !== 'number') return model.lots.get(reference as LotId);
  for (const lot of model.lots.values()) if (lot.number === reference) return lot;
  return undefined;
}

/** The greatest of our own recorded bids on a lot. */
export function bestOwnBid(lot: LotModel): Amount | undefined {
  const amounts = lot.ownBids.map(({ amount }) => amount);
  return amounts.length === 0 ? undefined : (Math.max(...amounts) as Amount);
}

/** Whether this home has ever had a bid recorded, at whichever house. */
export function hasBidBefore({ earlierBids, lots }: Model): boolean {
  return earlierBids.size > 0 || lots.values().some(({ ownBids }) => ownBids.length > 0);
}

/** The lots that we bid on, the one of our newest bid last. */
export function lotsWithOwnBids({ lots }: Model): LotModel[] {
  const newest = ({ ownBids }: LotModel) => Math.max(...ownBids.map(({ position }) => position));
  return [...lots.values().filter(({ ownBids }) => ownBids.length > 0)].toSorted(
    (one, other) => newest(one) - newest(other),
  );
}

/**
 * Whether, as far as anybody was told, nobody outbids us: the leading bid is ours, or a bid of ours that was not
 * announced yet is higher.
 */
export function isLeading(lot: LotModel): boolean {
  const best = bestOwnBid(lot);
  if (best === undefined) return false;
  const { leading } = lot;
  if (leading === undefined || best > leading.amount) return true;
  const isOurs = lot.ownBids.some(({ position }) => position === leading.position);
  // After a snapshot the amount is all that is known: an equal one is ours unless somebody was earlier with the same.
  return isOurs || (leading.position === undefined && best === leading.amount);
}

export function standing(lot: LotModel): Standing {
  if (lot.mine) return 'offering';
  const hasBid = lot.ownBids.length > 0;
  if (lot.role === 'winner') return 'won';
  if (!hasBid) return 'none';
  if (lot.status === 'open') return isLeading(lot) ? 'leading' : 'outbid';
  return isLeading(lot) ? 'won' : 'lost';
}

/** The least amount that the house takes now: the starting price, then one increment above the leading bid. */
export function nextValidBid(lot: LotModel): Amount {
  if (lot.leading === undefined) return lot.terms.startingPrice;
  return (lot.leading.amount + lot.terms.increment) as Amount;
}

/** Milliseconds until a lot takes no more bids; 0 when it is over. */
export function timeLeftMs(lot: LotModel, now: Instant): number {
  return lot.status === 'open' ? Math.max(0, lot.closesAt - now) : 0;
}

/** `2 d 4 h`, `3 h 5 min`, `42 s`: the two largest units, as they are said. */
export function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return '0 s';
  const said = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return said.map(([count, unit]) => `${count} ${unit}`).join(' ');
}
