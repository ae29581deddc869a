/** What may be asked about lots. The answers show the told side of a lot only; notices go to their own party alone. */
import type { AuctionClosed, CatalogueLot, CataloguePage } from '../../shared/wire/announcements.ts';
import { MAX_CATALOGUE_LOTS } from '../../shared/wire/limits.ts';
import type { LotId, Subject } from '../../shared/wire/vocabulary.ts';
import type { Role } from './events.ts';
import type { Lot } from './lot.ts';

/** Both parties of a lot. */
export const ROLES: readonly Role[] = ['seller', 'winner'];

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

/**
 * `allitems` and `myitems`: those of these lots, in the order of listing, that have a greater ordinal than `after`; at most
 * `MAX_CATALOGUE_LOTS`, and `more` where there are others after them.
 */
export function cataloguePage(ids: readonly LotId[], lots: ReadonlyMap<LotId, Lot>, after: number = 0): CataloguePage {
  const from = placeAfter(after, ids, lots);
  const page = ids.slice(from, from + MAX_CATALOGUE_LOTS).map((id) => catalogueLot(lots.get(id) as Lot));
  return { lots: page, ...(from + page.length < ids.length && { more: true }) };
}

/** How many of these lots have no greater ordinal: by halves, as the ordinals grow. */
function placeAfter(number: number, ids: readonly LotId[], lots: ReadonlyMap<LotId, Lot>): number {
  let [low, high] = [0, ids.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lots.get(ids[middle] as LotId) as Lot).number > number) high = middle;
    else low = middle + 1;
  }
  return low;
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
