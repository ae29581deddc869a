/** What the bench and its crowd of bidders say to each other. */

export type CrowdQuestion =
  | {
      readonly type: 'enrol';
      readonly folder: string;
      readonly trustedServiceUrl: string;
      readonly rootPem: string;
      readonly bidders: number;
    }
  /** Everybody goes to this house, shared out among its nodes, and lots are listed. */
  | { readonly type: 'join'; readonly house: string; readonly urls: readonly string[]; readonly lots: number }
  | { readonly type: 'bid'; readonly house: string; readonly count: number; readonly atOnce: number };

/** What became of bids that were signed, stamped and sealed before the first was sent. */
export interface Bidding {
  /** From the first frame to the last answer. */
  readonly elapsedMs: number;
  readonly accepted: number;
  /** Why others were not, each with how many. */
  readonly others: Readonly<Record<string, number>>;
  /** From the yes at one node to the announcement at the next one; at the same one, where there is no other. */
  readonly announcedMs: readonly number[];
  /** From the yes to the announcement at the same node. */
  readonly announcedHereMs: readonly number[];
  /** From the frame to the yes. */
  readonly answeredMs: readonly number[];
  /** The crowd's own processor time, as a part of the elapsed time. */
  readonly busyShare: number;
}

export type CrowdAnswer = Bidding | { readonly done: true };
