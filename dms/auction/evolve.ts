/**
 * State from events: a lot is the fold of its own records, live and after a restart alike. Pure; gives a new lot and
 * leaves the old one as it was. An event that does not fit the lot is a bug or a damaged journal, never bad input.
 */
import { invariant } from '../../shared/invariant.ts';
import type { Position } from '../../shared/wire/vocabulary.ts';
import type {
  AuctionEvent,
  BidPlaced,
  LotClosed,
  LotListed,
  NoticeAcknowledged,
  Role,
  SaleDisclosed,
} from './events.ts';
import type { Bid, Lot, Notice, Told } from './lot.ts';
import { isGreater } from './precedence.ts';

/** The lot after `event`, which is recorded at `position`. `lot` is the one it names, `undefined` before its listing. */
export function evolve(lot: Lot | undefined, event: AuctionEvent, position: Position): Lot {
  if (event.type === 'lot-listed') {
    invariant(lot === undefined, 'a lot is listed once');
    return listed(event, position);
  }
  invariant(lot !== undefined && lot.id === event.lot, 'an event belongs to a lot that was listed');
  return { ...changed(lot, event, position), version: lot.version + 1 };
}

function listed(event: LotListed, position: Position): Lot {
  const { closesAt } = event.terms;
  return {
    id: event.lot,
    number: event.number,
    seller: event.seller,
    terms: event.terms,
    termsDigest: event.termsDigest,
    listedAt: event.at,
    listedSerial: event.serial,
    listedPosition: position,
    closesAt,
    status: 'open',
    version: 1,
    told: { bids: 0, closesAt },
    withheld: [],
    notices: {},
  };
}

function changed(lot: Lot, event: Exclude<AuctionEvent, LotListed>, position: Position): Lot {
  switch (event.type) {
    case 'bid-placed':
      return withBid(lot, event, position);
    case 'lot-closed':
      return closed(lot, event, position);
    case 'sale-disclosed':
      return disclosed(lot, event, position);
    case 'notice-acknowledged':
      return acknowledged(lot, event);
  }
}

function withBid(lot: Lot, event: BidPlaced, position: Position): Lot {
  invariant(lot.status === 'open', 'a closed lot takes no bid');
  const { bidder, amount, pseudonym, at, serial, closesAt } = event;
  const bid: Bid = { position, bidder, amount, pseudonym, at, serial, closesAt };
  const leading = isGreater(bid, lot.leading) ? bid : lot.leading;
  const after: Lot = { ...lot, closesAt, ...(leading && { leading }), withheld: [...lot.withheld, bid] };
  return event.withheld ? after : allTold(after);
}

/** Everything that was withheld is told now, with the record that released it. */
function allTold(lot: Lot): Lot {
  const { leading, closesAt } = lot;
  const told: Told = { bids: lot.told.bids + lot.withheld.length, closesAt, ...(leading && { leading }) };
  return { ...lot, told, withheld: [] };
}

function closed(lot: Lot, event: LotClosed, position: Position): Lot {
  invariant(lot.status === 'open', 'a lot is closed once');
  invariant((event.outcome === 'sold') === (lot.leading !== undefined), 'a lot is sold if it has a bid');
  invariant(event.pseudonym === lot.leading?.pseudonym, 'the greatest bid wins');
  invariant(event.hammerPrice === lot.leading?.amount, 'the hammer price is what the winner bid');
  const { leading } = lot;
  // The seller of an unsold lot has nobody to be told about: the notice needs no disclosure.
  const notices = leading ? {} : { seller: { position, acknowledged: false } };
  const closing = { position, at: event.at, ...(leading && { winning: leading }) };
  return { ...allTold(lot), status: event.outcome, closing, notices };
}

function disclosed(lot: Lot, event: SaleDisclosed, position: Position): Lot {
  invariant(lot.status === 'sold', 'a sold lot alone is disclosed');
  invariant(lot.notices.seller === undefined, 'a sale is disclosed once');
  const noticeTo = (role: Role): Notice => ({ position, envelope: event.envelopes[role], acknowledged: false });
  return { ...lot, notices: { seller: noticeTo('seller'), winner: noticeTo('winner') } };
}

function acknowledged(lot: Lot, { role }: NoticeAcknowledged): Lot {
  const notice = lot.notices[role];
  invariant(notice !== undefined, 'what was acknowledged was sent');
  return { ...lot, notices: { ...lot.notices, [role]: { position: notice.position, acknowledged: true } } };
}
