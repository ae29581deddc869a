/** Everything the client knows, as one value that never changes: update.ts makes the next one from a message. */
import type { CatalogueLot, Disclosure, SomeoneBid } from '../../shared/wire/announcements.ts';
import type { Amount, Instant, LotId, Position } from '../../shared/wire/vocabulary.ts';

/** A bid of our own that the house recorded. Which announcement is its own is known by the position alone. */
export interface OwnBid {
  readonly position: Position;
  readonly amount: Amount;
}

/** Whether an announcement is what the journal says. */
export type ProofOutcome = 'verified' | 'failed';

/** The greatest bid that was announced. After a snapshot only the amount is known. */
export interface LeadingBid {
  readonly amount: Amount;
  readonly at?: Instant;
  readonly position?: Position;
  /** Absent while the proof is awaited, and where none is. A bid whose proof failed never leads. */
  readonly proof?: ProofOutcome;
}

/** What bids, as they are announced, change of a lot. */
export interface Standings {
  readonly leading?: LeadingBid;
  readonly bids: number;
  readonly closesAt: Instant;
}

/** Bids whose proof is awaited, and what the lot would be without any of them. */
export interface AwaitedBids {
  readonly before: Standings;
  readonly bids: readonly SomeoneBid[];
}

/** A bid that was announced while this client listened. */
export interface HeardBid {
  readonly amount: Amount;
  readonly at: Instant;
  readonly position: Position;
  /** Whether it is ours: known once the house has answered. */
  readonly mine: boolean;
}

/** A lot as this participant sees it. */
export interface LotModel extends Omit<CatalogueLot, 'leadingAmount'> {
  readonly leading?: LeadingBid;
  readonly hammerPrice?: Amount;
  /** Whether we offer it. */
  readonly mine: boolean;
  readonly ownBids: readonly OwnBid[];
  /** Some announcement about it was not what the journal says: the house has lied about this lot. */
  readonly unproven?: true;
  readonly awaited?: AwaitedBids;
  /** Announced bids that were heard, the newest last; at most MAX_HISTORY. */
  readonly history: readonly HeardBid[];
  /** Set once the private notice came: which party we are. */
  readonly role?: 'seller' | 'winner';
  /** Who the other one is. Text by others: make it printable before showing. */
  readonly counterparty?: Disclosure;
}

/** Bids that are remembered of a lot: more than any terminal has columns to draw. */
export const MAX_HISTORY = 256;

export interface Model {
  /** How far everything is known. */
  readonly position: Position;
  readonly lots: ReadonlyMap<LotId, LotModel>;
  /** The lots that we offer. One can be in here before it is announced. */
  readonly offered: ReadonlySet<LotId>;
  /** Our bids of earlier runs. A lot takes its own from here when it becomes known. */
  readonly earlierBids: ReadonlyMap<LotId, readonly OwnBid[]>;
  /** The lots that this home watches. */
  readonly watched: ReadonlySet<LotId>;
}

export const EMPTY_MODEL: Model = {
  position: 0 as Position,
  lots: new Map(),
  offered: new Set(),
  earlierBids: new Map(),
  watched: new Set(),
};
