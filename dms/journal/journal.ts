/**
 * The journal: every accepted command, closing and disclosure, in order, for ever. This interface is all that the house
 * knows of it; `test/dms/journal/contract.test.ts` holds every engine to the same contract:
 *
 * 1. `append` resolves only when the records are on disk. If it *rejects*, the outcome is unknown: after a restart, or
 *    after `JournalAway`, the same ids may be appended again, and `duplicate` then means success.
 * 2. In one batch an entry sees the effects of the entries before it.
 * 3. A refused entry never spoils its neighbours, except those that say they build on it. The lot's version must be
 *    exactly `expect`.
 * 4. Duplicate is checked before version. The same id on another lot is a duplicate.
 * 5. Positions are 1, 2, 3, … without a gap.
 * 6. `subscribe` delivers every position once, in order, and waits for the callback; a wake-up only makes it sooner.
 * 7. What `append` resolved is at once what `read`, `find` and `subscribe` return: nothing else is ever announced.
 */
import { ProtocolError } from '../../shared/errors.ts';
import type { JournalRecord } from '../../shared/journal/record.ts';
import type { HouseId, LotId, Position } from '../../shared/wire/vocabulary.ts';

/** One record on its way in. */
export interface Entry {
  /** The command's id, or a name for what can happen only once, such as `closed:<lot>`. Unique in the journal. */
  readonly id: string;
  readonly lot: LotId;
  /** How many records the lot has before this one; 0 for a new lot. */
  readonly expect: number;
  /**
   * The id of an earlier entry of the same batch that this one was decided on. If that one is refused, so is this one,
   * as a conflict: the version alone would not tell, when another node's record has come in its place.
   */
  readonly buildsOn?: string | undefined;
  readonly record: JournalRecord;
}

/** What became of an entry. */
export type Outcome =
  | { readonly ok: true; readonly position: Position; readonly version: number }
  /** The lot has another version, which is this. */
  | { readonly ok: false; readonly why: 'conflict'; readonly version: number }
  /** The id is already recorded, there. */
  | { readonly ok: false; readonly why: 'duplicate'; readonly position: Position };

/** One record in its place. `version` counts the lot's records up to this one. */
export interface Recorded {
  readonly position: Position;
  readonly id: string;
  readonly lot: LotId;
  readonly version: number;
  readonly record: JournalRecord;
}

/** Whose journal it is, and how long. */
export interface Head {
  readonly house: HouseId;
  readonly position: Position;
}

/** Where a follower stands: a position, or a function that tells it anew before each read, for one that reads by itself too. */
export type Start = Position | (() => Position);

export interface Journal {
  /** Other processes append to it as well: its owner follows it, and believes a no only at the head. */
  readonly isShared?: boolean;
  /** It can't be reached just now: nothing new should be asked of it. It says itself when that is over. */
  readonly isAway?: boolean;
  /** Recovers, checks the tail, takes the lock. Throws `ProtocolError` with a `journal-…` code if this is no good journal. */
  open(): Promise<Head>;
  /**
   * One transaction, in order, durable when it resolves; one outcome for each entry. Rejects with `JournalFailed`, and with
   * `JournalAway` where the same entries are to be appended again until the outcome is known.
   */
  append(batch: readonly Entry[]): Promise<Outcome[]>;
  /** At most `limit` records from `after + 1` on. */
  read(after: Position, limit: number): Promise<Recorded[]>;
  /** The record with this id. */
  find(id: string): Promise<Recorded | undefined>;
  /** Hands on every record after `after`, those to come too, until `stop`; waits for each call to finish. */
  subscribe(after: Start, on: (records: Recorded[]) => Promise<void>, stop: AbortSignal): Promise<void>;
  head(): Promise<Head>;
  close(): Promise<void>;
}

/**
 * The journal can not go on: a write or a sync failed, and nobody knows what is on disk. The owner stops the process and
 * never tries the write again; what is really there shows at the next start.
 */
export class JournalFailed extends Error {
  override readonly name = 'JournalFailed';
}

/** The journal is on another machine, and that can not be reached just now. What was asked of it may be done or not. */
export class JournalAway extends ProtocolError {
  constructor(detail?: string, options?: ErrorOptions) {
    super('journal-unavailable', detail, options);
  }
}
