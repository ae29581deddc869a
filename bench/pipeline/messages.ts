/** What the bench and the processes of its bidders say to each other. */

/** The house, or the server that does nothing and is its yardstick. */
export type Side = 'house' | 'empty';

export type HallQuestion =
  | {
      readonly type: 'enrol';
      readonly folder: string;
      readonly trustedServiceUrl: string;
      readonly rootPem: string;
      readonly usernames: readonly string[];
    }
  /** Everybody goes to this server. In the house, the first lists so many lots, on which the others bid. */
  | { readonly type: 'enter'; readonly side: Side; readonly url: string; readonly lots: number }
  /** Signs, stamps and seals so many bids. */
  | { readonly type: 'prepare'; readonly count: number }
  /** Sends what was prepared: on each lot `window` bids are under way at once, for so long or until none is left. */
  | { readonly type: 'saturate'; readonly side: Side; readonly ms: number; readonly window: number };

/** What became of the bids that one process sent, or all of them together. */
export interface Sent {
  /** From the first frame to the last answer, by a clock that all processes share: milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly answered: number;
  /** Those that the house accepted. The empty server judges nothing. */
  readonly accepted: number;
  /** Why others were not, each with how many. */
  readonly others: Readonly<Record<string, number>>;
  /** From the moment at which a bid should leave to its answer, for each that was not refused or rejected. */
  readonly answeredMs: readonly number[];
  /** Of the answers, all together. */
  readonly answerBytes: number;
  /** The bidders' own processor time. */
  readonly cpuSeconds: number;
}

export type HallAnswer = Sent | { readonly done: true };
