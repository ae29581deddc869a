/** What each message makes of the model. Pure: no clock, no network, and the same messages always make the same model. */
import type {
  Announcement,
  CatalogueLot,
  Disclosure,
  ItemClosed,
  SomeoneBid,
  SomeoneListed,
} from '../../shared/wire/announcements.ts';
import type { Amount, Digest, Instant, LotId, Position } from '../../shared/wire/vocabulary.ts';
import { type HeardBid, type LeadingBid, type LotModel, MAX_HISTORY, type Model } from './model.ts';

/** What the catalogue does not say of a lot. */
type OwnPart = 'mine' | 'ownBids' | 'history';

/** A listing comes with the digest of its terms, which a bid on it has to name. */
export type KnownAnnouncement =
  | Exclude<Announcement, { readonly event: 'someone_listed' }>
  | (Extract<Announcement, { readonly event: 'someone_listed' }> & { readonly termsDigest: Digest });

export type Message =
  /** Lots afresh. What only we know of them (our bids, that one is ours) stays. */
  | { readonly type: 'catalogue'; readonly lots: readonly CatalogueLot[] }
  | { readonly type: 'announced'; readonly position: Position; readonly announcements: readonly KnownAnnouncement[] }
  /** The lots that we offer. */
  | { readonly type: 'my-lots'; readonly lots: readonly LotId[] }
  /** What the home knows of earlier runs. */
  | { readonly type: 'recalled'; readonly earlierBids: Model['earlierBids'] }
  | { readonly type: 'watched'; readonly lots: ReadonlySet<LotId> }
  | { readonly type: 'bid-accepted'; readonly lot: LotId; readonly position: Position; readonly amount: Amount }
  | {
      readonly type: 'auction-closed';
      readonly lot: LotId;
      readonly role: 'seller' | 'winner';
      readonly counterparty?: Disclosure;
    };

/** The next model. */
export function update(model: Model, message: Message): Model {
  switch (message.type) {
    case 'catalogue':
      return withCatalogue(model, message.lots);
    case 'announced':
      return withAnnouncements(model, message.position, message.announcements);
    case 'my-lots':
      return withOffered(model, message.lots);
    case 'recalled':
      return withEarlierBids({ ...model, earlierBids: message.earlierBids });
    case 'watched':
      return { ...model, watched: message.lots };
    case 'bid-accepted': {
      const { lot, position, amount } = message;
      return withLot(model, lot, (before) => withOwnBid(before, { position, amount }));
    }
    case 'auction-closed': {
      const { lot, role, counterparty } = message;
      const told = counterparty === undefined ? { role } : { role, counterparty };
      return withLot(model, lot, (before) => ({ ...before, ...told }));
    }
  }
}

/** Changes a lot that is known; a message about another one says nothing yet. */
function withLot(model: Model, id: LotId, change: (before: LotModel) => LotModel): Model {
  const before = model.lots.get(id);
  return before === undefined ? model : { ...model, lots: new Map(model.lots).set(id, change(before)) };
}

function withOffered(model: Model, ids: readonly LotId[]): Model {
  const marked: Model = { ...model, offered: new Set([...model.offered, ...ids]) };
  return ids.reduce((before, id) => withLot(before, id, (lot) => ({ ...lot, mine: true })), marked);
}

function withEarlierBids(model: Model): Model {
  let after = model;
  for (const [id, bids] of model.earlierBids) {
    after = withLot(after, id, (lot) => bids.reduce(withOwnBid, lot));
  }
  return after;
}

/** Bids of ours on a lot that becomes known only now. */
function earlierBidsOn({ earlierBids }: Model, lot: LotId): LotModel['ownBids'] {
  return earlierBids.get(lot) ?? [];
}

function withCatalogue(model: Model, catalogue: readonly CatalogueLot[]): Model {
  const lots = new Map(model.lots);
  for (const lot of catalogue) {
    const { ownBids = earlierBidsOn(model, lot.lot), history = [] } = model.lots.get(lot.lot) ?? {};
    const own = { mine: model.offered.has(lot.lot), ownBids, history };
    lots.set(lot.lot, { ...fromCatalogue(lot, model.lots.get(lot.lot)), ...own });
  }
  return { ...model, lots };
}

function fromCatalogue({ leadingAmount, ...lot }: CatalogueLot, before: LotModel | undefined): Omit<LotModel, OwnPart> {
  if (leadingAmount === undefined) return { ...before, ...lot };
  // The same amount as before: it is the bid that we know more about.
  const leading = before?.leading?.amount === leadingAmount ? before.leading : { amount: leadingAmount };
  const hammer = lot.status === 'sold' ? { hammerPrice: leadingAmount } : {};
  return { ...before, ...lot, leading, ...hammer };
}

function withAnnouncements(model: Model, position: Position, announcements: readonly KnownAnnouncement[]): Model {
  const lots = new Map(model.lots);
  for (const announcement of announcements) {
    const own = { mine: model.offered.has(announcement.lot), ownBids: earlierBidsOn(model, announcement.lot) };
    const after = announced(lots.get(announcement.lot), announcement, own);
    if (after !== undefined) lots.set(announcement.lot, after);
  }
  return { ...model, position, lots };
}

function announced(
  before: LotModel | undefined,
  announcement: KnownAnnouncement,
  own: Pick<LotModel, 'mine' | 'ownBids'>,
): LotModel | undefined {
  if (announcement.event === 'someone_listed') return before ?? { ...listed(announcement), ...own, history: [] };
  if (before === undefined) return undefined;
  return announcement.event === 'someone_bid' ? withBid(before, announcement) : closed(before, announcement);
}

function listed({
  position,
  lot,
  number,
  terms,
  at,
  termsDigest,
}: SomeoneListed & { readonly termsDigest: Digest }): Omit<LotModel, OwnPart> {
  return {
    lot,
    number,
    terms,
    termsDigest,
    listedAt: at,
    listedPosition: position,
    closesAt: terms.closesAt,
    bids: 0,
    status: 'open',
  };
}

/** Bids of the last seconds are told late and all at once, so an announced bid need not lead. */
function withBid(before: LotModel, bid: SomeoneBid): LotModel {
  const leading = outbids(bid, before.leading)
    ? { amount: bid.amount, at: bid.at, position: bid.position }
    : before.leading;
  return {
    ...before,
    ...(leading === undefined ? {} : { leading }),
    history: heard(before, bid),
    bids: Math.max(before.bids, bid.bids),
    closesAt: Math.max(before.closesAt, bid.closesAt) as Instant,
  };
}

function heard({ history, ownBids }: LotModel, { amount, at, position }: SomeoneBid): readonly HeardBid[] {
  const mine = ownBids.some((bid) => bid.position === position);
  return [...history.slice(1 - MAX_HISTORY), { amount, at, position, mine }];
}

/** By amount, then by the earlier time. At one and the same time the later announced was accepted because it was first. */
function outbids(bid: SomeoneBid, leading: LeadingBid | undefined): boolean {
  if (leading === undefined || bid.amount !== leading.amount) return bid.amount > (leading?.amount ?? 0);
  return leading.at !== undefined && bid.at <= leading.at;
}

function closed(before: LotModel, { outcome, hammerPrice }: ItemClosed): LotModel {
  return { ...before, status: outcome, ...(hammerPrice === undefined ? {} : { hammerPrice }) };
}

function withOwnBid(before: LotModel, bid: LotModel['ownBids'][number]): LotModel {
  // A command that was repeated is answered twice, with one position.
  if (before.ownBids.some(({ position }) => position === bid.position)) return before;
  // Its announcement may have come before the answer.
  const history = before.history.map((one) => (one.position === bid.position ? { ...one, mine: true } : one));
  return { ...before, ownBids: [...before.ownBids, bid], history };
}
