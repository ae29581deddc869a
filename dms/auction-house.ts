/**
 * START HERE. The house: everything goes decide → append → evolve → publish, in `#commitAll` below. A record is on disk before
 * the state changes, and the state has changed before anybody hears: a crash between two steps costs an announcement at
 * worst, which positions let a client notice, and never a bid whose bidder was told that it stands.
 */
import { invariant } from '../shared/invariant.ts';
import type { Accepted, Refused, Rejected } from '../shared/wire/commands.ts';
import type { DiscloseAnswer, SaleEvidence, SignedEvidence } from '../shared/wire/http-endpoints.ts';
import type { AcknowledgeAnswer } from '../shared/wire/socket-events.ts';
import type { HouseId, Instant, LotId, Position, Subject } from '../shared/wire/vocabulary.ts';
import type { Lot } from './auction/lot.ts';
import { noticedRole } from './auction/queries.ts';
import type { VerifiedCommand } from './auction/verified-command.ts';
import { type Decided, decideBatch, type Judged } from './commit/decide-batch.ts';
import type { ClosingEvidence } from './commit/event-record.ts';
import type { FrozenState, HouseState, OriginalAnswer, Step } from './commit/house-state.ts';
import type { NoticeBook } from './commit/notice-book.ts';
import {
  acknowledgementRequest,
  closingRequest,
  commandRequest,
  disclosureRequest,
  type NotDue,
  type Request,
} from './commit/request.ts';
import { RequestQueue, type Waiting } from './commit/request-queue.ts';
import { loadSaleEvidence } from './commit/sale-evidence.ts';
import { StoppedWaiting, turnOver, untilKnown } from './commit/until-known.ts';
import { type Journal, JournalFailed, type Recorded } from './journal/journal.ts';
import { type PublicBytes, type PublicLog, publicBytesOf } from './proof/public-log.ts';
import { type Letter, lettersFor } from './publication/letters.ts';
import { openState, type Snapshots } from './snapshot/snapshots.ts';

export interface HouseParts {
  readonly journal: Journal;
  /** 32 random bytes, fresh at each call. */
  readonly newSalt: () => Uint8Array;
  /** Called once for each new record, in order of position, also for one without letters. Must not throw. */
  readonly publish: (letters: readonly Letter[], position: Position) => void;
  /** Where the state is found again without folding the whole journal. */
  readonly snapshots?: Pick<Snapshots, 'open'>;
}

/**
 * The only place of this node where state changes. What other nodes have recorded in the same journal is folded in as it comes,
 * and what was decided without it is decided again.
 */
export class AuctionHouse {
  /** What every statement has to name as its `aud`. */
  readonly house: HouseId;
  /** Resolves with the error after which nothing is recorded any more: the owner stops the process. */
  readonly failure: Promise<unknown>;
  readonly lots: ReadonlyMap<LotId, Lot>;
  /** In the order of listing, as those of each seller are. */
  readonly lotIds: readonly LotId[];
  readonly lotsBySeller: ReadonlyMap<Subject, readonly LotId[]>;
  readonly notices: Pick<NoticeBook, 'lotsOf'>;
  readonly log: PublicLog;
  readonly #parts: HouseParts;
  readonly #state: HouseState;
  readonly #queue = new RequestQueue();
  readonly #failed = Promise.withResolvers<unknown>();
  #stopped: Promise<void> | undefined;
  /** Stays for good once it has failed. */
  #work: Promise<void> | undefined;

  private constructor(house: HouseId, state: HouseState, parts: HouseParts) {
    this.house = house;
    this.#state = state;
    ({ lots: this.lots, lotIds: this.lotIds, lotsBySeller: this.lotsBySeller } = state);
    ({ log: this.log, notices: this.notices } = state);
    this.#parts = parts;
    this.failure = this.#failed.promise;
  }

  /** Opens the journal and folds it. What was recorded before is not published again. Throws what the journal throws. */
  static async open(parts: HouseParts): Promise<AuctionHouse> {
    const { head, state } = await openState(parts);
    return new AuctionHouse(head.house, state, parts);
  }

  /** The position of the last record that the state holds. */
  get position(): Position {
    return this.#state.position;
  }

  /** The state as it is now, for a snapshot. */
  freeze(): FrozenState {
    return this.#state.freeze();
  }

  /** How far everybody may read the records: not so far as a bid that is withheld. */
  get publicPosition(): Position {
    return this.#state.publicPosition;
  }

  /** Why commands are refused just now, whatever they say. */
  get trouble(): 'journal-unavailable' | undefined {
    return this.#parts.journal.isAway ? 'journal-unavailable' : undefined;
  }

  /** Whether there may be other nodes of this house. */
  get isShared(): boolean {
    return this.#parts.journal.isShared === true;
  }

  /** Takes in and publishes what other nodes record, until `stop`. Resolves then; a journal that can't go on is a failure. */
  async follow(stop: AbortSignal): Promise<void> {
    const takeIn = async (records: Recorded[]) => this.#state.takeIn(records, (step) => this.#publish(step));
    try {
      await this.#parts.journal.subscribe(() => this.position, takeIn, stop);
    } catch (error) {
      if (!stop.aborted) this.#failed.resolve(error);
    }
  }

  /** Takes in what is recorded by now, wherever. Throws `JournalAway`. */
  async refresh(): Promise<void> {
    await this.#state.catchUp(this.#parts.journal, (step) => this.#publish(step));
  }

  /** The original answer to a recorded id, and who may have it again. For the intake, which asks before it judges the age. */
  recorded(id: string): OriginalAnswer | undefined {
    return this.#state.recorded(id);
  }

  /** Decides and records a participant's command. The answer comes when it is on disk. Rejects with `JournalFailed`. */
  async submit(command: VerifiedCommand, evidence: SignedEvidence): Promise<Accepted | Rejected | Refused> {
    // A repeat of what waits already is not one more, and gets the answer of what waits, whenever that comes.
    if (this.#queue.waiting(command.id) === undefined) {
      if (this.trouble !== undefined) return { outcome: 'refused', code: this.trouble };
      if (this.#queue.isFull) return { outcome: 'refused', code: 'too-many-requests' };
    }
    return this.#record(commandRequest(command, evidence));
  }

  /** Closes a lot by verified signed time. `not-due` if a bid has moved the closing meanwhile: look at the lot again. */
  async close(lot: LotId, evidence: ClosingEvidence, at?: Instant): Promise<Accepted | NotDue | Refused> {
    return this.#record(closingRequest(lot, evidence, at));
  }

  /** What everybody may know of the records after `after`, at most `limit` of them. */
  async publicRecords(after: Position, limit: number): Promise<PublicBytes[]> {
    return (await this.#parts.journal.read(after, limit)).map(({ record }) => publicBytesOf(record));
  }

  /** The listing, the winning bid and the closing of a sold lot, as the Trusted Service wants to see them. */
  async saleEvidence(lot: Lot): Promise<SaleEvidence> {
    return loadSaleEvidence(this.#parts.journal, this.house, lot);
  }

  /** Records what the Trusted Service sealed for seller and winner of a sold lot, once. */
  async recordDisclosure(lot: LotId, envelopes: DiscloseAnswer): Promise<Accepted | Refused> {
    return this.#record(disclosureRequest(lot, envelopes));
  }

  /** Records that a party has its notice. `notice-not-found` where this subject was sent none; a repeat changes nothing. */
  async acknowledge(subject: Subject, lotId: LotId): Promise<AcknowledgeAnswer> {
    // The notice may come from another node that knows more than we do.
    if (this.isShared && noticedRole(this.lots.get(lotId), subject) === undefined) await this.refresh();
    const role = noticedRole(this.lots.get(lotId), subject);
    if (role === undefined) return { outcome: 'refused', code: 'notice-not-found' };
    const answer = await this.#record(acknowledgementRequest(lotId, role));
    return answer.outcome === 'accepted' ? { outcome: 'accepted' } : answer;
  }

  /** Takes nothing more, answers what waits, closes the journal. Does not wait for one that is away. */
  stop(): Promise<void> {
    this.#stopped ??= Promise.resolve(this.#work).then(() => this.#parts.journal.close());
    return this.#stopped;
  }

  async #record<No>(request: Request<No>): Promise<Accepted | Refused | No> {
    if (this.#stopped !== undefined) return { outcome: 'refused', code: 'shutting-down' };
    const waiting = this.#queue.waiting(request.id);
    if (waiting !== undefined && waiting.subject !== request.subject) {
      // Another signer's command has this id. If it gets a no, the id is free again: so this one is judged after it.
      await waiting.answer;
      return this.#record(request);
    }
    const answer = this.#queue.enter(request);
    this.#startWork();
    return answer;
  }

  #startWork(): void {
    this.#work ??= this.#commitAll().catch((error: unknown) => {
      // A failed write, or a bug: what is on disk is no longer known here, so nothing goes on and nobody is refused.
      if (!(error instanceof StoppedWaiting)) this.#failed.resolve(error);
      this.#queue.fail(error instanceof JournalFailed ? error : new JournalFailed('a bug', { cause: error }));
    });
  }

  /** The heart: one batch after another, of what arrived in one turn or during one commit; there is no timer. */
  async #commitAll(): Promise<void> {
    await turnOver();
    while (!this.#queue.isEmpty) {
      const known = this.position;
      const batch = decideBatch(this.#queue.next, this.#state, this.#parts.newSalt);
      const decided = batch.flatMap((judged) => judged.decided ?? []);
      const isAsDecided = await untilKnown(() => this.#append(decided, known), this.#whileAway);
      if (isAsDecided) this.#believe(decided, known);
      else await untilKnown(() => this.refresh(), this.#whileAway);
      invariant(isAsDecided || this.position > known, 'a refused entry has met something that is recorded');
      this.#answer(batch, isAsDecided);
      // While thousands of lots close, everybody gets on by a turn between two commits.
      if (this.#queue.next.house.length > 0) await turnOver();
    }
    this.#work = undefined;
  }

  /** Whether all of this was recorded right after what they were decided on. Otherwise another node has been quicker. */
  async #append(decided: readonly Decided[], known: Position): Promise<boolean> {
    if (decided.length > 0) {
      const outcomes = await this.#parts.journal.append(decided.map(({ entry }) => entry));
      return outcomes.every((outcome, index) => outcome.ok && outcome.position === known + 1 + index);
    }
    // Nothing but noes: they count if nobody has recorded anything that they were decided without.
    if (this.isShared) await this.refresh();
    return this.position === known;
  }

  /** What was not asked of the journal yet is refused: that is certain. What was asked waits until the journal tells. */
  readonly #whileAway = (): void => {
    const refusal = { outcome: 'refused', code: 'journal-unavailable' } as const;
    for (const waiting of this.#queue.takeAll()) this.#queue.settle(waiting, refusal);
    if (this.#stopped !== undefined) throw new StoppedWaiting('the node stopped before the journal was reached again');
  };

  /** What was recorded right after `known`, unless it came back from the journal already. */
  #believe(decided: readonly Decided[], known: Position): void {
    const news = decided.slice(this.position - known);
    for (const { entry, event } of news) this.#publish(this.#state.apply(entry.id, event, entry.record));
  }

  #publish({ event, position, before, after }: Step): void {
    this.#parts.publish(lettersFor(before, event, after, position), position);
  }

  /** Answers from what is recorded now. A no counts only if all that it was decided on came true; else: decide again. */
  #answer(batch: readonly Judged<Waiting>[], isAsDecided: boolean): void {
    const undecided: Waiting[] = [];
    for (const { request, no } of batch) {
      const answer = this.#state.answerTo(request) ?? (isAsDecided ? no : undefined);
      if (answer === undefined) undecided.push(request);
      else this.#queue.settle(request, answer);
    }
    this.#queue.putBack(undecided);
  }
}
