/** What line mode says, before it is said: one fact per statement, the same for JSON lines and for plain text. */
import type { RejectionReason } from '../../shared/wire/commands.ts';
import type { InputId } from '../commands/input-line.ts';
import type { AnswerFact } from './answer-facts.ts';

/** Which line of the input a fact answers; events answer none. */
export interface Answering {
  /** The line's number, from 1. */
  readonly line?: number;
  /** The sender's own name for it. */
  readonly id?: InputId;
}

/** A lot, with its terms. Amounts are minor units, instants milliseconds since the Unix epoch. */
export interface LotFact {
  readonly lot: string;
  readonly number: number;
  readonly title: string;
  readonly description?: string;
  readonly currency: string;
  readonly startingPrice: number;
  readonly increment: number;
  readonly listedAt: number;
  /** The effective closing. */
  readonly closesAt: number;
  readonly extension?: { readonly window: number; readonly by: number; readonly until: number };
  readonly bids: number;
  readonly leadingAmount?: number;
  /** The least that the house takes now; absent once the lot is closed. */
  readonly nextValidAmount?: number;
  readonly status: 'open' | 'sold' | 'unsold';
  readonly standing: string;
}

/** Which lot a fact is about. */
export interface AboutLot {
  readonly lot: string;
  readonly number?: number;
  readonly title?: string;
  readonly currency?: string;
}

export interface Complaint extends Answering {
  readonly code: string;
  /** What a person should do. */
  readonly advice: string;
  readonly detail?: string;
  /** What the program would end with if this were its end. */
  readonly exitCode: number;
  /** Where a command was not decided: its id, and the line that repeats it. */
  readonly commandId?: string;
  readonly repeat?: string;
  readonly lot?: string;
}

/** The other party of a sale, as the Trusted Service describes it. */
export interface PersonFact {
  readonly role: 'seller' | 'winner';
  readonly username: string;
  readonly contact?: string;
  readonly subject: string;
}

/** What a checkpoint says. `root` is in base64url. */
export interface CheckpointFact {
  readonly size: number;
  readonly time: number;
  readonly root: string;
}

export interface Facts {
  hello: {
    readonly username: string;
    readonly subject: string;
    readonly house: string;
    readonly dms: string;
    readonly position: number;
  };
  snapshot: Answering &
    (
      | { readonly of: 'house' | 'allitems' | 'myitems'; readonly position: number; readonly lots: readonly LotFact[] }
      | AnswerFact
    );
  listed: LotFact & { readonly position: number; readonly pseudonym: string; readonly mine: boolean };
  bid: AboutLot & {
    readonly position: number;
    readonly amount: number;
    readonly pseudonym: string;
    readonly placedAt: number;
    readonly closesAt: number;
    readonly bids: number;
    readonly mine: boolean;
  };
  accepted: Answering &
    AboutLot & {
      readonly command: 'list' | 'bid';
      readonly commandId: string;
      readonly position: number;
      readonly amount?: number;
    };
  rejected: Answering &
    Partial<AboutLot> & {
      readonly command: 'list' | 'bid';
      readonly commandId: string;
      readonly amount?: number;
      readonly reason: RejectionReason;
      readonly advice: string;
    };
  refused: Complaint;
  error: Complaint;
  closing: AboutLot & { readonly closesAt: number; readonly leftMs: number };
  closed: AboutLot & {
    readonly position: number;
    readonly outcome: 'sold' | 'unsold';
    readonly hammerPrice?: number;
    readonly pseudonym?: string;
    readonly closedAt: number;
    readonly standing: string;
  };
  disclosed: AboutLot & {
    /** Which party we are. */
    readonly role: 'seller' | 'winner';
    readonly outcome: 'sold' | 'unsold';
    readonly hammerPrice?: number;
    readonly counterparty?: PersonFact;
  };
  /** What the other party of such a sale had signed was opened to us, is what the journal holds, and is kept. */
  opened: AboutLot & {
    /** Which party we are. */
    readonly role: 'seller' | 'winner';
    /** The other one's command: the listing, or the bid that won. */
    readonly command: 'list' | 'bid';
    /** Of its record. */
    readonly position: number;
    readonly amount?: number;
  };
  /** The clock was set; as an answer, by whoever sent the line. */
  clock: Answering & { readonly time: number; readonly byMs: number; readonly epoch: number };
  /** The house has shown two journals that do not fit together. */
  fork: {
    readonly house: string;
    readonly code: string;
    readonly advice: string;
    readonly known: CheckpointFact;
    readonly shown: CheckpointFact;
    /** The file in which both are kept, as they were signed. */
    readonly evidence: string;
  };
  /** What was announced at this position is not what the journal says. Nothing of it counts. */
  proof: AboutLot & {
    readonly position: number;
    readonly event: 'someone_listed' | 'someone_bid' | 'item_closed';
    readonly outcome: 'failed';
    readonly code: string;
    readonly advice: string;
    readonly detail?: string;
    /** The file in which it is kept, with what was shown. */
    readonly evidence?: string;
  };
  'link-up': { readonly attempt: number; readonly position: number };
  'link-down': {
    readonly reason: string;
    readonly advice: string;
    readonly attempt: number;
    readonly nextTryInMs: number;
    /** Only papers ran out: the client gets new ones, and comes back with them at once. */
    readonly renewing?: true;
  };
  bye: Answering & {
    readonly reason: 'quit' | 'end-of-input' | 'done' | 'stopped' | 'interrupted' | 'failed';
    readonly exitCode: number;
  };
}

export type FactType = keyof Facts;
/** One statement: its type and what it says. */
export type Fact = { [Type in FactType]: { readonly type: Type; readonly data: Facts[Type] } }[FactType];

/** When something is said: the trusted time, or the machine's before the first signed one. */
export interface FactTime {
  readonly at: number;
  readonly simulated: boolean;
}

/** Somebody to whom facts are told. */
export interface Face {
  tell(fact: Fact): void;
}
