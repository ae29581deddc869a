/** What line mode answers to questions, beside lists of lots. Amounts are minor units, instants milliseconds since the Unix epoch. */
import type { AboutLot, CheckpointFact, LotFact, PersonFact } from './fact.ts';

/** A bid of our own that the house recorded. */
export interface OwnBidFact {
  readonly position: number;
  readonly amount: number;
}

/** A bid that was announced. */
export interface PastBidFact extends OwnBidFact {
  readonly placedAt: number;
  readonly mine: boolean;
}

/** A command of this home with what proves that it was recorded. */
export interface ReceiptFact extends Partial<AboutLot> {
  readonly command: 'list' | 'bid';
  readonly commandId: string;
  readonly lot: string;
  readonly amount?: number;
  readonly position: number;
  readonly checkpoint: CheckpointFact;
  /** Whether a witness has cosigned a journal that holds it. */
  readonly cosigned: boolean;
  readonly file: string;
}

/** A lot as the audit of the journal finds it. */
export interface AuditedLotFact {
  readonly lot: string;
  readonly number: number;
  readonly title: string;
  readonly currency: string;
  /** `due`: its closing has passed, and it was not closed yet. */
  readonly outcome: 'sold' | 'unsold' | 'open' | 'due';
  readonly hammerPrice?: number;
  readonly bids: number;
  readonly closesAt: number;
  readonly closedAt?: number;
}

export interface AnswerFacts {
  mybids: {
    readonly position: number;
    readonly lots: readonly (LotFact & { readonly ownBids: readonly OwnBidFact[] })[];
  };
  watch: {
    readonly position: number;
    readonly lots: readonly LotFact[];
    /** The lot that is watched from now on, or no longer. */
    readonly changed?: AboutLot & { readonly watched: boolean };
  };
  lot: {
    readonly position: number;
    readonly lot: LotFact;
    readonly watched: boolean;
    readonly ownBids: readonly OwnBidFact[];
    /** Announced bids, the newest last. */
    readonly history: readonly PastBidFact[];
    /** Whether no announced bid is missing in it. */
    readonly isWhole: boolean;
    readonly hammerPrice?: number;
    readonly counterparty?: PersonFact;
  };
  /** In the order of the journal. */
  receipt: { readonly receipts: readonly ReceiptFact[] };
  /** Every record was read and every rule holds; anything else is an error. */
  verify: {
    readonly house: string;
    readonly checkpoint: CheckpointFact;
    /** How many records were shown: the others nobody may know yet. */
    readonly records: number;
    readonly witnessed?: { readonly size: number; readonly time: number };
    readonly lots: readonly AuditedLotFact[];
  };
  identity: {
    readonly username: string;
    readonly contact?: string;
    /** The thumbprint of the identity key (RFC 7638), by which servers know this participant. */
    readonly subject: string;
    /** SHA-256 of the public key in DER (SubjectPublicKeyInfo), in hexadecimal. */
    readonly keyFingerprint: string;
    readonly certificate: { readonly serial: string; readonly notBefore: number; readonly notAfter: number };
    /** SHA-256 of the root's certificate, in hexadecimal. */
    readonly root: string;
    readonly house: string;
    readonly dms: string;
    readonly trustedService: string;
    readonly home: string;
  };
  /** Said before a command is sent. */
  caution: { readonly code: 'first-bid' | 'jump-bid'; readonly lines: readonly string[] };
  help: { readonly text: string };
}

/** One answer, which says in `of` what it is about. */
export type AnswerFact = { [Of in keyof AnswerFacts]: { readonly of: Of } & AnswerFacts[Of] }[keyof AnswerFacts];
