/** What each message makes of the model. Pure: no clock, no network, and the same messages always make the same model. */
import type {
  Announcement,
  CatalogueLot,
  Disclosure,
  ItemClosed,
  SomeoneListed,
} from '../../shared/wire/announcements.ts';
import type { Amount, Digest, LotId, Position } from '../../shared/wire/vocabulary.ts';
import { withHeardAsOurs, withHeardBid, withoutHeardBid } from './history.ts';
import type { LotModel, Model, ProofOutcome } from './model.ts';
import { withAwaitedBid, withBid, withBidProof } from './proofs.ts';

/** What the catalogue does not say of a lot. */
type OwnPart = 'mine' | 'ownBids' | 'history';

/** A listing comes with the digest of its terms, which a bid on it has to name. */
export type KnownAnnouncement =
  | Exclude<Announcement, { readonly event: 'someone_listed' }>
  | (Extract<Announcement, { readonly event: 'someone_listed' }> & { readonly termsDigest: Digest });

export type Message =
  /** Lots afresh. What only we know of them (our bids, that one is ours) stays. */
  | { readonly type: 'catalogue'; readonly lots: readonly CatalogueLot[] }
  | {
      readonly type: 'announced';
      readonly position: Position;
      readonly announcements: readonly KnownAnnouncement[];
      /** What became of their proofs will be told. */
      readonly proves?: true;
    }
  /** An announcement is what the journal says, or is not. */
  | {
      readonly type: 'proved';
      readonly lot: LotId;
      readonly position: Position;
      readonly event: Announcement['event'];
      readonly outcome: ProofOutcome;
    }
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

type Told<Type extends Message['type']> = Extract<Message, { readonly type: Type }>;

/** The next model. */
export function update(model: Model, message: Message): Model {
  switch (message.type) {
    case 'catalogue':
      return withCatalogue(model, message.lots);
    case 'announced':
      return withAnnouncements(model, message);
    case 'proved':
      return withLot(model, message.lot, (before) => proved(before, message));
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
  // Whoever has lied about a lot says nothing of its price that counts without a proof.
  if (leadingAmount === undefined || before?.unproven) return { ...before, ...lot };
  // The same amount as before: it is the bid that we know more about.
  const hammer = lot.status === 'sold' ? { hammerPrice: leadingAmount } : {};
  if (before?.leading?.amount === leadingAmount) return { ...before, ...lot, ...hammer };
  const { awaited: _awaited, ...known } = before ?? {};
  return { ...known, ...lot, leading: { amount: leadingAmount }, ...hammer };
}

function withAnnouncements(model: Model, message: Told<'announced'>): Model {
  const { position, announcements, proves = false } = message;
  const lots = new Map(model.lots);
  for (const announcement of announcements) {
    const own = { mine: model.offered.has(announcement.lot), ownBids: earlierBidsOn(model, announcement.lot) };
    const after = announced(lots.get(announcement.lot), announcement, { own, proves });
    if (after !== undefined) lots.set(announcement.lot, after);
  }
  return { ...model, position, lots };
}

function announced(
  before: LotModel | undefined,
  announcement: KnownAnnouncement,
  { own, proves }: { readonly own: Pick<LotModel, 'mine' | 'ownBids'>; readonly proves: boolean },
): LotModel | undefined {
  if (announcement.event === 'someone_listed') return before ?? { ...listed(announcement), ...own, history: [] };
  if (before === undefined) return undefined;
  if (announcement.event === 'item_closed') return closed(before, announcement);
  return withHeardBid(proves ? withAwaitedBid(before, announcement) : withBid(before, announcement), announcement);
}

/** A closing that was not like that is no price; the terms of a lot are proved by every bid on it, which names them. */
function proved(before: LotModel, { event, position, outcome }: Told<'proved'>): LotModel {
  if (event === 'someone_bid') {
    const after = withBidProof(before, position, outcome);
    return outcome === 'verified' ? after : withoutHeardBid(after, position);
  }
  if (outcome === 'verified') return before;
  const { hammerPrice, ...rest } = before;
  const price = event === 'item_closed' || hammerPrice === undefined ? {} : { hammerPrice };
  return { ...rest, ...price, unproven: true };
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

function closed(before: LotModel, { outcome, hammerPrice }: ItemClosed): LotModel {
  return { ...before, status: outcome, ...(hammerPrice === undefined ? {} : { hammerPrice }) };
}

function withOwnBid(before: LotModel, bid: LotModel['ownBids'][number]): LotModel {
  // A command that was repeated is answered twice, with one position.
  if (before.ownBids.some(({ position }) => position === bid.position)) return before;
  return withHeardAsOurs({ ...before, ownBids: [...before.ownBids, bid] }, bid.position);
}
