/** The state of the house: the fold over its journal. Nothing else ever changes it. */
import { ProtocolError } from '../../shared/errors.ts';
import { invariant } from '../../shared/invariant.ts';
import type { JournalRecord } from '../../shared/journal/record.ts';
import { GrowingTree, type TreePiece } from '../../shared/merkle/growing-tree.ts';
import type { Accepted, Refused } from '../../shared/wire/commands.ts';
import type { LotId, Position, Subject } from '../../shared/wire/vocabulary.ts';
import type { AuctionEvent } from '../auction/events.ts';
import { evolve } from '../auction/evolve.ts';
import type { Lot } from '../auction/lot.ts';
import type { Journal, Recorded } from '../journal/journal.ts';
import { PublicLog } from '../proof/public-log.ts';
import { eventOf, signerOf } from './event-record.ts';
import { NoticeBook } from './notice-book.ts';

/** Records that are read at a time. */
const PAGE = 512;

/** What is kept of a recorded id: enough to answer a repeat. The evidence stays in the journal. */
export interface Seen {
  readonly position: Position;
  readonly lot: LotId;
  readonly subject: Subject | undefined;
}

/** The answer that a recorded id was given, and who may have it again; nobody, if the house recorded it for itself. */
export interface OriginalAnswer {
  readonly subject: Subject | undefined;
  readonly answer: Accepted;
}

/** One event, and what it did to its lot. */
export interface Step {
  readonly event: AuctionEvent;
  readonly position: Position;
  readonly before: Lot | undefined;
  readonly after: Lot;
}

/** The state as it was at one position. It stays so while the house goes on, and the rest follows from it. */
export interface FrozenState {
  readonly position: Position;
  /** In the order of listing. */
  readonly lots: readonly Lot[];
  /** The ordinal of a lot. */
  numberOf(lot: LotId): number;
  /** All ids, in order of position. */
  readonly seen: Iterable<readonly [id: string, seen: Seen]>;
  /** What the tree over the records consists of. */
  readonly tree: Iterable<TreePiece>;
}

export class HouseState {
  readonly lots = new Map<LotId, Lot>();
  /** All of them, in the order of listing. */
  readonly lotIds: LotId[] = [];
  /** Each seller's lots, in the order of listing. */
  readonly lotsBySeller = new Map<Subject, LotId[]>();
  /** Who has still to hear in private. */
  readonly notices = new NoticeBook();
  /** The tree over the records. */
  readonly log: PublicLog;
  position = 0 as Position;
  /** Lots with bids that nobody may hear of yet. */
  readonly #sealed = new Set<LotId>();
  readonly #seen: Map<string, Seen>;

  constructor(tree: GrowingTree = new GrowingTree(), seen: Map<string, Seen> = new Map()) {
    this.log = new PublicLog(tree);
    this.#seen = seen;
    this.position = this.log.size;
  }

  /** The state that was frozen with these lots, this tree and these ids, which become its own. */
  static thaw(lots: readonly Lot[], tree: GrowingTree, seen: Map<string, Seen>): HouseState {
    const state = new HouseState(tree, seen);
    for (const lot of lots) {
      state.lots.set(lot.id, lot);
      if (lot.withheld.length > 0) state.#sealed.add(lot.id);
      state.#addListed(lot);
      state.notices.note(lot);
    }
    return state;
  }

  /** Quick, however much there is: lots are never changed but replaced, ids and hashes are only added. */
  freeze(): FrozenState {
    const { position } = this;
    return {
      position,
      lots: [...this.lots.values()],
      numberOf: (lot) => this.#numberOf(lot),
      seen: this.#seen.entries().take(position),
      tree: this.log.pieces(position),
    };
  }

  /** The ordinal of the next lot. */
  get nextNumber(): number {
    return this.lots.size + 1;
  }

  /** What was answered when this id was recorded; `undefined` if it was not. */
  recorded(id: string): OriginalAnswer | undefined {
    const seen = this.#seen.get(id);
    if (seen === undefined) return undefined;
    const { position, lot, subject } = seen;
    return { subject, answer: { outcome: 'accepted', position, lot, number: this.#numberOf(lot) } };
  }

  /** The answer to a request whose id is recorded: the original one, but `id-in-use` if another subject's is. */
  answerTo({ id, subject }: { id: string; subject: Subject | undefined }): Accepted | Refused | undefined {
    const original = this.recorded(id);
    if (original === undefined || original.subject === subject) return original?.answer;
    return { outcome: 'refused', code: 'id-in-use' };
  }

  /** Everything up to here may be read by everybody: bids that are withheld, and what came after them, may not yet. */
  get publicPosition(): Position {
    let end = this.position;
    for (const id of this.#sealed) {
      const oldest = this.lots.get(id)?.withheld[0];
      if (oldest !== undefined) end = Math.min(end, oldest.position - 1) as Position;
    }
    return end;
  }

  /** Takes in the event of the next position, and the record that it is kept as. */
  apply(id: string, event: AuctionEvent, record: JournalRecord): Step {
    const position = (this.position + 1) as Position;
    const before = this.lots.get(event.lot);
    const after = evolve(before, event, position);
    this.position = position;
    this.lots.set(event.lot, after);
    this.log.append(record);
    if (after.withheld.length > 0) this.#sealed.add(event.lot);
    else this.#sealed.delete(event.lot);
    this.#seen.set(id, { position, lot: event.lot, subject: signerOf(event) });
    if (event.type === 'lot-listed') this.#addListed(after);
    else if (after.notices !== before?.notices) this.notices.note(after);
    return { event, position, before, after };
  }

  /** Takes in everything that the journal has beyond this state, and says so step by step. */
  async catchUp(journal: Pick<Journal, 'read'>, onStep: (step: Step) => void): Promise<void> {
    let reading = journal.read(this.position, PAGE);
    for (;;) {
      const records = await reading;
      const last = records.at(-1);
      if (last === undefined) return;
      // A long journal is read while what came before is taken in.
      reading = journal.read(last.position, PAGE);
      try {
        this.takeIn(records, onStep);
      } catch (error) {
        // The damage is what is told, whatever becomes of the next page.
        await reading.catch(() => undefined);
        throw error;
      }
    }
  }

  /** Takes in those of these records, which follow one another, that it does not hold yet. */
  takeIn(records: readonly Recorded[], onStep: (step: Step) => void): void {
    for (const recorded of records) if (recorded.position > this.position) onStep(this.#applyRecord(recorded));
  }

  /** The next record of the journal; throws `record-damaged` if it can not be that. */
  #applyRecord(recorded: Recorded): Step {
    try {
      invariant(recorded.position === this.position + 1, 'a position is missing');
      const step = this.apply(recorded.id, eventOf(recorded, this.nextNumber), recorded.record);
      invariant(step.after.version === recorded.version, 'the version is another');
      return step;
    } catch (error) {
      // Whatever does not fit here was not written so: only the journal itself can be the reason.
      const what = error instanceof Error ? error.message : String(error);
      throw new ProtocolError('record-damaged', `position ${recorded.position}: ${what}`, { cause: error });
    }
  }

  #numberOf(lot: LotId): number {
    const number = this.lots.get(lot)?.number;
    invariant(number !== undefined, 'what was recorded belongs to a lot');
    return number;
  }

  #addListed({ id, seller }: Lot): void {
    this.lotIds.push(id);
    const lots = this.lotsBySeller.get(seller);
    if (lots === undefined) this.lotsBySeller.set(seller, [id]);
    else lots.push(id);
  }
}
