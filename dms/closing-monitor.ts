/**
 * Closes lots when they are due by signed time. Which are due follows from the journal alone, so that what fell due while
 * nobody was here is closed at the start.
 */
import { ProtocolError } from '../shared/errors.ts';
import { invariant } from '../shared/invariant.ts';
import type { Accepted, Refused } from '../shared/wire/commands.ts';
import type { SaleEvidence } from '../shared/wire/http-endpoints.ts';
import type { Instant, LotId } from '../shared/wire/vocabulary.ts';
import { dueAt } from './auction/closing.ts';
import type { Lot } from './auction/lot.ts';
import { DueTimes } from './due-times.ts';
import type { Log } from './log.ts';
import type { Letter } from './publication/letters.ts';
import type { SignedTime } from './trusted-time.ts';

/**
 * How much later a house of several nodes closes: a node waits for the commands under way here, and can't know of those
 * that arrived in time at another one. So long they have to be verified and recorded there.
 */
const FOR_OTHER_NODES_MS = 1_000;

/** Closings that ask to be recorded at once: as many as one commit takes of them. */
const GROUP = 48;
/** Groups that ask: while one is recorded the next one waits already, and no commit goes without. */
const GROUPS_AT_ONCE = 2;

export interface ClosingMonitorParts {
  readonly house: {
    readonly isShared?: boolean;
    readonly lots: ReadonlyMap<LotId, Lot>;
    saleEvidence(lot: Lot): Promise<Pick<SaleEvidence, 'closing'>>;
    /** By verified signed time: `at` is what it says. */
    close(
      lot: LotId,
      evidence: SaleEvidence['closing'],
      at: Instant,
    ): Promise<Accepted | { readonly outcome: 'not-due' } | Refused>;
  };
  readonly time: { readonly isKnown: boolean; now(): Instant; ask(): Promise<SignedTime> };
  /** Resolves when the commands that have arrived by now are recorded or refused. */
  readonly settled: () => Promise<void>;
  /** Called for each lot that was sold. */
  readonly onSold: (lot: LotId) => void;
  readonly log: Log;
}

export class ClosingMonitor {
  readonly #parts: ClosingMonitorParts;
  /** Lots that are open, each with when it was due when we last looked. Bids move that, and only to later. */
  readonly #open = new DueTimes();

  constructor(parts: ClosingMonitorParts) {
    this.#parts = parts;
    for (const lot of parts.house.lots.values()) if (lot.status === 'open') this.#watch(lot);
  }

  /** Hears what is published: a new lot is one to watch. */
  hear(letters: readonly Letter[]): void {
    for (const letter of letters) {
      if ('announcement' in letter && letter.announcement.event === 'someone_listed') {
        this.#watch(this.#lot(letter.announcement.lot));
      }
    }
  }

  /** Closes everything that is due. Throws what the Trusted Service or the house refuses; what is left is tried again later. */
  async closeDue(): Promise<void> {
    const { time, settled, onSold } = this.#parts;
    // The carried-on time says when it is worth to ask; what counts is the signed time.
    if (!time.isKnown || this.#firstDue(time.now()) === undefined) return;
    const signed = await time.ask();
    // A bid that arrived in time may still be on its way through the intake.
    await settled();
    const [tried, sold]: [LotId[], LotId[]] = [[], []];
    const closeGroups = async () => {
      for (let lots = this.#takeDue(signed.at); lots.length > 0; lots = this.#takeDue(signed.at)) {
        tried.push(...lots);
        await this.#closeAll(lots, signed, (lot) => sold.push(lot));
      }
    };
    const ends = await Promise.allSettled(Array.from({ length: GROUPS_AT_ONCE }, closeGroups));
    // What could not be closed is tried again; not before the next turn, or this one would have no end.
    for (const lot of tried.map((id) => this.#lot(id))) if (lot.status === 'open') this.#watch(lot);
    // Disclosures take longer, and nobody else waits for them: they come after all closings.
    for (const lot of sold) onSold(lot);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  #watch(lot: Lot): void {
    this.#open.add(lot.id, dueAt(lot));
  }

  #lot(id: LotId): Lot {
    const lot = this.#parts.house.lots.get(id);
    invariant(lot !== undefined, 'what was listed is a lot');
    return lot;
  }

  /** The next ones that are due, at most a `GROUP`; they are watched no longer. */
  #takeDue(now: Instant): LotId[] {
    const lots: LotId[] = [];
    while (lots.length < GROUP) {
      const lot = this.#firstDue(now);
      if (lot === undefined) break;
      lots.push(lot);
      this.#open.removeFirst();
    }
    return lots;
  }

  /** The open lot that has been due for the longest; `undefined` if none is. */
  #firstDue(now: Instant): LotId | undefined {
    const at = this.#parts.house.isShared === true ? now - FOR_OTHER_NODES_MS : now;
    for (;;) {
      const first = this.#open.first;
      if (first === undefined || first.at > at) return undefined;
      const lot = this.#lot(first.lot);
      if (lot.status === 'open' && dueAt(lot) === first.at) return lot.id;
      // Another node has closed it, or a bid has moved its closing.
      this.#open.removeFirst();
      if (lot.status === 'open') this.#watch(lot);
    }
  }

  /** Closes these lots by one signed time, and tells which of them this has sold. */
  async #closeAll(ids: readonly LotId[], signed: SignedTime, onSold: (lot: LotId) => void): Promise<void> {
    const { house, log } = this.#parts;
    const { nonce, timestamp, at } = signed;
    const answers = await Promise.all(ids.map((lot) => house.close(lot, { nonce, timestamp }, at)));
    // The others are not due: a bid has moved their closing meanwhile.
    const closed = ids.filter((_, index) => answers[index]?.outcome === 'accepted');
    const sold = closed.filter((lot) => this.#lot(lot).status === 'sold');
    // A line for each of thousands would hold up everybody whose bid waits.
    if (closed.length > 0) log.info({ lots: closed, sold: sold.length }, 'lots closed');
    for (const lot of sold) if (await this.#isClosedBy(signed, this.#lot(lot))) onSold(lot);
    const refusal = answers.find((answer) => answer.outcome === 'refused');
    if (refusal !== undefined) throw new ProtocolError(refusal.code, refusal.detail);
  }

  /** Whether this evidence is the one that closed the lot: another node may have been quicker, and then sees to the rest. */
  async #isClosedBy({ nonce }: SignedTime, lot: Lot): Promise<boolean> {
    const { house } = this.#parts;
    return house.isShared !== true || (await house.saleEvidence(lot)).closing.nonce === nonce;
  }
}
