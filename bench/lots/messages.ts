/** What the bench and the people in its house say to each other. */
import type { Enrolment } from '../commands/enrol-all.ts';

export type HallQuestion =
  | ({ readonly type: 'enrol' } & Enrolment)
  /** Everybody goes into the house, and takes the time anew; who wants no catalogue has heard everything up to `since`. */
  | { readonly type: 'enter'; readonly url: string; readonly since?: number }
  /** So many lots that close at one instant, and a bid on the first `bidOn` of them. */
  | { readonly type: 'list'; readonly lots: number; readonly closesAt: number; readonly bidOn: number }
  /** So many bids on the lots that were listed last, `underWay` of them at any time. */
  | { readonly type: 'bid'; readonly count: number; readonly underWay: number }
  /** Bids on the lots that were listed last, until `afterMs` after `closings` lots have closed. */
  | {
      readonly type: 'bid-through';
      readonly perSecond: number;
      readonly closings: number;
      readonly afterMs: number;
    }
  /** The first of all tries to get into the house until it is in, and bids. */
  | { readonly type: 'first-bid'; readonly url: string };

/** A bid and its answer. */
export interface Answered {
  /** In the trusted time. */
  readonly sentAt: number;
  readonly ms: number;
  /** Why not, where it was not accepted. */
  readonly no?: string;
}

export interface Bids {
  readonly answered: readonly Answered[];
  readonly elapsedMs: number;
}

export interface BidsThrough {
  readonly answered: readonly Answered[];
  /** When the first and the last of the closings were heard of, in the trusted time. */
  readonly firstClosedAt: number;
  readonly lastClosedAt: number;
  /** How far the trusted time is ahead of this machine's clock. */
  readonly aheadMs: number;
  /** The processor time that these people took, as a part of all time. */
  readonly busyShare: number;
}

export interface FirstBid {
  /** Of this machine, in milliseconds since 1970: the moment of the answer. */
  readonly answeredAt: number;
}

export type HallAnswer = Bids | BidsThrough | FirstBid | { readonly done: true };
