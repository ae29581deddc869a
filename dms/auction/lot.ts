/**
 * A lot: everything that the rules know about it. It has two sides. The whole truth (`leading`, `closesAt`) decides
 * who wins and when the lot closes; `told` is the part that everybody has heard, and all that anybody is shown.
 */
import type { LotTerms } from '../../shared/wire/commands.ts';
import type {
  Amount,
  Digest,
  Instant,
  LotId,
  Position,
  Pseudonym,
  Serial,
  Subject,
} from '../../shared/wire/vocabulary.ts';
import type { LotOutcome, Role } from './events.ts';

/** A recorded bid. */
export interface Bid {
  readonly position: Position;
  readonly bidder: Subject;
  readonly amount: Amount;
  readonly pseudonym: Pseudonym;
  readonly at: Instant;
  readonly serial: Serial;
  /** The effective closing after this bid. */
  readonly closesAt: Instant;
}

/** What everybody has heard of a lot: nothing in it depends on a bid that is withheld. */
export interface Told {
  /** The greatest announced bid. Its `bidder` is known to the house alone. */
  readonly leading?: Bid;
  /** How many bids were announced. */
  readonly bids: number;
  /** The effective closing as far as it was announced. */
  readonly closesAt: Instant;
}

/** When and how the lot closed, and the bid that won it. */
export interface Closing {
  readonly position: Position;
  readonly at: Instant;
  readonly winning?: Bid;
}

/** A private notice to one party. `envelope` is absent for an unsold lot, and dropped once it is acknowledged. */
export interface Notice {
  /** The record that gave rise to it: the closing of an unsold lot, the disclosure of a sold one. */
  readonly position: Position;
  readonly envelope?: string;
  readonly acknowledged: boolean;
}

export interface Lot {
  readonly id: LotId;
  /** The lot's ordinal in the journal, from 1. */
  readonly number: number;
  readonly seller: Subject;
  readonly terms: LotTerms;
  readonly termsDigest: Digest;
  readonly listedAt: Instant;
  readonly listedSerial: Serial;
  readonly listedPosition: Position;
  /** The effective closing: as listed, moved by soft closing, withheld bids counted. */
  readonly closesAt: Instant;
  readonly status: 'open' | LotOutcome;
  /** How many records of this lot there are: what the next one expects to find. */
  readonly version: number;
  /** The greatest of all recorded bids, withheld ones too: the winner, if the lot closed now. */
  readonly leading?: Bid;
  readonly told: Told;
  /** Bids of the sealed grace round that nobody has heard of yet, in order of position. */
  readonly withheld: readonly Bid[];
  /** Set once the lot is closed. */
  readonly closing?: Closing;
  readonly notices: Readonly<Partial<Record<Role, Notice>>>;
}
