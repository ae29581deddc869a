/** What the bench and its crowd of bidders say to each other. */
import type { EnrolmentPlace } from './enrol-all.ts';

export type CrowdQuestion =
  | ({ readonly type: 'enrol'; readonly bidders: number } & EnrolmentPlace)
  /** Everybody goes to this house, shared out among its nodes, and so many lots are listed. */
  | { readonly type: 'join'; readonly house: string; readonly urls: readonly string[]; readonly lots: number }
  /** Bids on all lots at once. */
  | { readonly type: 'bid'; readonly house: string; readonly count: number }
  /** A bid every so often, whatever became of the last one, for so long. */
  | { readonly type: 'bid-steadily'; readonly house: string; readonly everyMs: number; readonly forMs: number }
  /** Bids with pauses, nothing else under way. */
  | { readonly type: 'bid-alone'; readonly house: string; readonly count: number }
  /** Records that a process of no node appends to the journal of this house, with pauses. */
  | { readonly type: 'append-alone'; readonly house: string; readonly database: string; readonly count: number };

/** What became of bids. */
export interface Bidding {
  /** From the first frame to the last answer. */
  readonly elapsedMs: number;
  readonly accepted: number;
  /** Bids whose stamp had grown old and was made anew before they left. */
  readonly stampedAnew: number;
  /** Why others were not, each with how many. */
  readonly others: Readonly<Record<string, number>>;
  /** From the frame's departure to its answer, for each bid that was accepted. */
  readonly answeredMs: readonly number[];
  /** From the frame's departure to the announcement at the node that it went to. */
  readonly announcedHereMs: readonly number[];
  /** The same to the next node; to the same one, where there is no other. */
  readonly announcedMs: readonly number[];
  /** The bidders' own processor time, as a part of the elapsed time. */
  readonly busyShare: number;
}

/** What became of records that were appended beside the nodes; each time begins with the call of `append`. */
export interface Appending {
  /** Until it is on disk. */
  readonly durableMs: readonly number[];
  /** Until another connection's `subscribe` hands it on. */
  readonly handedOnMs: readonly number[];
  /** Until a participant at a node hears of it. */
  readonly announcedMs: readonly number[];
}

export type CrowdAnswer = Bidding | Appending | { readonly done: true };
