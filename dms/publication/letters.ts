/**
 * Who may learn what. One recorded event becomes letters: public ones, which speak of people by pseudonym alone, and
 * private ones to seller and winner. Nothing reaches anybody except through a letter.
 */
import type { Announcement, AuctionClosed } from '../../shared/wire/announcements.ts';
import type { Position, Subject } from '../../shared/wire/vocabulary.ts';
import type { AuctionEvent, LotClosed, LotListed, Role } from '../auction/events.ts';
import type { Bid, Lot } from '../auction/lot.ts';
import { noticeTo, partyOf } from '../auction/queries.ts';

/** One thing that one audience may learn. */
export type Letter =
  | { readonly to: 'everybody'; readonly announcement: Announcement }
  | { readonly to: Subject; readonly notice: AuctionClosed };

/** A bid without its bidder: all that a public letter is written from. */
type AnonymousBid = Omit<Bid, 'bidder'>;

const ROLES: readonly Role[] = ['seller', 'winner'];

/**
 * The letters of `event`, recorded at `position`, which made `after` of `before`. A withheld bid has none; it is
 * announced under its own position with the record that releases it, before that record's own announcement.
 * `auction_closed` goes to the seller of an unsold lot with the closing, to seller and winner with the disclosure.
 */
export function lettersFor(before: Lot | undefined, event: AuctionEvent, after: Lot, position: Position): Letter[] {
  switch (event.type) {
    case 'lot-listed':
      return [someoneListed(event, position)];
    case 'bid-placed':
      return event.withheld
        ? []
        : [...withheldBids(before), someoneBid({ ...event, position }, after.id, after.told.bids)];
    case 'lot-closed':
      return [...withheldBids(before), itemClosed(event, position), ...noticesOf(after)];
    case 'sale-disclosed':
      return noticesOf(after);
    case 'notice-acknowledged':
      return [];
  }
}

function someoneListed({ lot, terms, pseudonym, at, number }: LotListed, position: Position): Letter {
  const announcement = { event: 'someone_listed', position, lot, number, terms, pseudonym, at } as const;
  return { to: 'everybody', announcement };
}

/** The bids that nobody had heard of before the event that releases them, counted on from those that were told. */
function withheldBids(before: Lot | undefined): Letter[] {
  if (before === undefined) return [];
  return before.withheld.map((bid, index) => someoneBid(bid, before.id, before.told.bids + index + 1));
}

function someoneBid(bid: AnonymousBid, lot: Lot['id'], bids: number): Letter {
  const { position, amount, pseudonym, at, closesAt } = bid;
  const announcement = { event: 'someone_bid', position, lot, amount, pseudonym, at, closesAt, bids } as const;
  return { to: 'everybody', announcement };
}

function itemClosed({ lot, outcome, hammerPrice, pseudonym, at }: LotClosed, position: Position): Letter {
  const result = { outcome, ...(hammerPrice && { hammerPrice }), ...(pseudonym && { pseudonym }), at };
  return { to: 'everybody', announcement: { event: 'item_closed', position, lot, ...result } };
}

function noticesOf(lot: Lot): Letter[] {
  return ROLES.flatMap((role) => {
    const to = partyOf(lot, role);
    const notice = noticeTo(lot, role);
    return to && notice ? [{ to, notice }] : [];
  });
}
