/** What may be asked about lots. The answers show the told side of a lot only; notices go to their own party alone. */
import type { AuctionClosed, CatalogueLot } from '../../shared/wire/announcements.ts';
import type { Subject } from '../../shared/wire/vocabulary.ts';
import type { Role } from './events.ts';
import type { Lot } from './lot.ts';

const ROLES: readonly Role[] = ['seller', 'winner'];

/** A lot as everybody may see it. */
export function catalogueLot(lot: Lot): CatalogueLot {
  const { leading } = lot.told;
  return {
    lot: lot.id,
    number: lot.number,
    terms: lot.terms,
    termsDigest: lot.termsDigest,
    listedAt: lot.listedAt,
    listedPosition: lot.listedPosition,
    closesAt: lot.told.closesAt,
    bids: lot.told.bids,
    ...(leading && { leadingAmount: leading.amount }),
    status: lot.status,
  };
}

/** `allitems`: every lot, in the order given. */
export function catalogue(lots: Iterable<Lot>): CatalogueLot[] {
  return Array.from(lots, catalogueLot);
}

/** The subject that holds a role in the lot; there is no winner before the lot is sold. */
export function partyOf(lot: Lot, role: Role): Subject | undefined {
  return role === 'seller' ? lot.seller : lot.closing?.winning?.bidder;
}

/** As what this subject was sent a notice about the lot, acknowledged or not; `undefined` where it was sent none. */
export function noticedRole(lot: Lot | undefined, subject: Subject): Role | undefined {
  return lot && ROLES.find((role) => partyOf(lot, role) === subject && lot.notices[role] !== undefined);
}

/** The notice to one party, `undefined` while there is none and once it was acknowledged. */
export function noticeTo(lot: Lot, role: Role): AuctionClosed | undefined {
  const notice = lot.notices[role];
  if (notice === undefined || notice.acknowledged || lot.status === 'open') return undefined;
  const { position, envelope } = notice;
  const winning = lot.closing?.winning;
  return {
    position,
    lot: lot.id,
    number: lot.number,
    role,
    outcome: lot.status,
    ...(winning && { hammerPrice: winning.amount }),
    ...(envelope !== undefined && { envelope }),
  };
}

/** What this subject has still to hear in private, in order of position. */
export function pendingNotices(lots: Iterable<Lot>, subject: Subject): AuctionClosed[] {
  return Array.from(lots)
    .flatMap((lot) => ROLES.filter((role) => partyOf(lot, role) === subject).map((role) => noticeTo(lot, role)))
    .filter((notice) => notice !== undefined)
    .sort((one, other) => one.position - other.position);
}
