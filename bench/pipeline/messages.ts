/** What the bench says to the processes of its bidders and to its one participant, and they to it. */
import type { Enrolment } from '../commands/enrol-all.ts';

/**
 * The house, or one of its yardsticks: the server that does nothing, the one that opens and verifies and does nothing else, and the
 * earlier design of this auction.
 */
export type Side = 'house' | Yardstick;
export type Yardstick = 'empty' | 'verifying' | 'earlier';
/** Those that are measured whenever the pipeline is. */
export type PipelineSide = Exclude<Side, 'earlier'>;

export const YARDSTICKS: Readonly<Record<Yardstick, string>> = {
  empty: 'empty Socket.IO server',
  verifying: 'server that only verifies',
  earlier: 'the earlier design',
};

export type HallQuestion =
  | ({ readonly type: 'enrol' } & Enrolment)
  /** Everybody goes to this server. In the house, the first lists so many lots, on which the others bid. */
  | { readonly type: 'enter'; readonly side: Side; readonly url: string; readonly lots: number }
  /** Signs, stamps and seals so many bids. */
  | { readonly type: 'prepare'; readonly count: number }
  /** Sends what was prepared: on each lot `window` bids are under way at once, for so long or until none is left. */
  | { readonly type: 'saturate'; readonly side: Side; readonly ms: number; readonly window: number }
  /** Sends what was prepared as a Poisson process that waits for no answer. The same seed gives the same moments. */
  | {
      readonly type: 'arrive';
      readonly side: Side;
      readonly ms: number;
      readonly perSecond: number;
      readonly seed: string;
    };

/** What became of the bids that one process sent, or all of them together. */
export interface Sent {
  /** From the first frame to the last answer, by a clock that all processes share: milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly answered: number;
  /** Those that the house accepted. The others judge nothing. */
  readonly accepted: number;
  /** Why others were not, each with how many. */
  readonly others: Readonly<Record<string, number>>;
  /** From the moment at which a bid should leave to its answer, for each that was not rejected or refused. */
  readonly answeredMs: readonly number[];
  /** How much later than it should each bid left. */
  readonly lateMs: readonly number[];
  /** Answers whose receipt was verified from the root afterwards. */
  readonly verified: number;
  /** Of the answers, all together. */
  readonly answerBytes: number;
  /** The bidders' own processor time. */
  readonly cpuSeconds: number;
}

export type HallAnswer = Sent | { readonly done: true };

/** Where the participant bids, and where nothing is done. */
export type Urls = Readonly<Record<'house' | 'empty', string>>;

export type ParticipantQuestion =
  | { readonly type: 'connect'; readonly enrolment: Enrolment; readonly urls: Urls }
  /** So many bids with pauses, each followed or preceded by two empty round trips. */
  | { readonly type: 'bid'; readonly count: number };

/** One after another, with nobody else at work. */
export interface Alone {
  /** From the call to the verified receipt. */
  readonly bidMs: readonly number[];
  /** The stages of a bid, when each was reached. */
  readonly stages: Readonly<Record<string, readonly number[]>>;
  /** Two empty round trips: one HTTPS, one Socket.IO. */
  readonly emptyMs: readonly number[];
}

export type ParticipantAnswer = Alone | { readonly done: true };
