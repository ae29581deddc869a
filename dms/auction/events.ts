/** What happened to a lot. One event is one record of the journal; a lot is the fold of its events. */
import type { LotTerms } from '../../shared/wire/commands.ts';
import type { Amount, Digest, Instant, LotId, Pseudonym, Serial, Subject } from '../../shared/wire/vocabulary.ts';

/** How a lot ended. */
export type LotOutcome = 'sold' | 'unsold';

/** The two parties of a sale. */
export type Role = 'seller' | 'winner';

/** A lot was listed: always the first event of a lot. */
export interface LotListed {
  readonly type: 'lot-listed';
  readonly lot: LotId;
  /** The lot's ordinal in the journal, from 1: its short name for people. */
  readonly number: number;
  readonly seller: Subject;
  readonly terms: LotTerms;
  readonly termsDigest: Digest;
  readonly pseudonym: Pseudonym;
  readonly at: Instant;
  readonly serial: Serial;
}

/** A bid was accepted. It need not lead: a withheld bid was compared only with what everybody had been told. */
export interface BidPlaced {
  readonly type: 'bid-placed';
  readonly lot: LotId;
  readonly bidder: Subject;
  readonly amount: Amount;
  readonly pseudonym: Pseudonym;
  readonly at: Instant;
  readonly serial: Serial;
  /** The effective closing after this bid. */
  readonly closesAt: Instant;
  /** Received in the sealed grace round: told with the closing, or with the bid that reopens the lot. */
  readonly withheld: boolean;
}

/** The lot closed. A sold one names the winning bid's amount and pseudonym, an unsold one neither. */
export interface LotClosed {
  readonly type: 'lot-closed';
  readonly lot: LotId;
  readonly outcome: LotOutcome;
  /** The signed time by which it was due. */
  readonly at: Instant;
  readonly hammerPrice?: Amount;
  readonly pseudonym?: Pseudonym;
}

/** The Trusted Service sealed each party's identity to the other one; the house can't open these. */
export interface SaleDisclosed {
  readonly type: 'sale-disclosed';
  readonly lot: LotId;
  /** By receiver: `seller` goes to the seller and describes the winner. */
  readonly envelopes: Readonly<Record<Role, string>>;
}

/** A party has its private notice and keeps it: it is not sent again. */
export interface NoticeAcknowledged {
  readonly type: 'notice-acknowledged';
  readonly lot: LotId;
  readonly role: Role;
}

export type AuctionEvent = LotListed | BidPlaced | LotClosed | SaleDisclosed | NoticeAcknowledged;
