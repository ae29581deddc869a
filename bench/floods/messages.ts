/** What the bench says to honest bidders and to those who flood, and what they tell. */
import type { EnrolmentPlace } from '../commands/enrol-all.ts';

export const KINDS = ['garbage', 'signatures', 'low', 'reconnects', 'idle'] as const;
export type Kind = (typeof KINDS)[number];

export const SPREADS = ['one', 'many'] as const;
/** All connections by one participant from one address, or by many from as many. */
export type Spread = (typeof SPREADS)[number];

export interface Enrolment extends EnrolmentPlace {
  readonly people: number;
}

/** A house, and what is on offer there. */
export interface Place {
  readonly url: string;
  readonly rootPem: string;
}

export interface LotOnOffer {
  readonly lot: string;
  readonly terms: string;
}

export type HonestQuestion =
  | ({ readonly type: 'enrol' } & Enrolment)
  /** Everybody enters, lots are listed, and each has a bid. */
  | ({ readonly type: 'enter'; readonly lots: number } & Place)
  /** Bids from now on, until the process ends. */
  | { readonly type: 'bid'; readonly perSecond: number }
  /** What was answered since the last time. */
  | { readonly type: 'collect' };

/** The outcome of a bid for which there was no stamp: it did not leave. */
export const NOT_STAMPED = 'not-stamped';

export interface HonestBid {
  /** When it should have left, milliseconds since 1970. */
  readonly at: number;
  /** From then to its answer. */
  readonly ms: number;
  /** `accepted`, a reason, a code, or `unanswered`. */
  readonly outcome: string;
}

export type HonestAnswer =
  | { readonly done: true }
  | { readonly house: string; readonly lots: readonly LotOnOffer[] }
  | { readonly bids: readonly HonestBid[] };

export interface Attack {
  readonly kind: Kind;
  readonly connections: number;
  readonly spread: Spread;
}

export type FloodQuestion =
  | ({ readonly type: 'enrol' } & Enrolment)
  | ({ readonly type: 'aim'; readonly house: string; readonly lots: readonly LotOnOffer[] } & Place)
  /** Makes ready what is needed for an attack by so many people, from the first on. */
  | ({ readonly type: 'prepare'; readonly first: number; readonly people: number } & Attack)
  /** Does it, for so long. */
  | { readonly type: 'flood'; readonly ms: number };

/** What those who flood have seen. */
export interface Flooding {
  /** Attempts to connect, or to enter. */
  readonly attempts: number;
  /** Of these, how many were admitted, or stood as long as they were meant to. */
  readonly entered: number;
  /** Frames that left. */
  readonly sent: number;
  /** Answers to them by outcome. */
  readonly answers: Readonly<Record<string, number>>;
  /** Why attempts failed, and that connections ended. */
  readonly ends: Readonly<Record<string, number>>;
}

export type FloodAnswer = Flooding | { readonly done: true };
