/**
 * Closes lots when they are due by signed time. Which are due follows from the journal alone, so that what fell due while
 * nobody was here is closed at the start.
 */
import { invariant } from '../shared/invariant.ts';
import type { Accepted, Refused } from '../shared/wire/commands.ts';
import type { SaleEvidence } from '../shared/wire/http-endpoints.ts';
import type { Instant, LotId } from '../shared/wire/vocabulary.ts';
import { isDue } from './auction/closing.ts';
import type { Lot } from './auction/lot.ts';
import type { Log } from './log.ts';
import type { Letter } from './publication/letters.ts';
import type { SignedTime } from './trusted-time.ts';

/**
 * How much later a house of several nodes closes: a node waits for the commands under way here, and can't know of those
 * that arrived in time at another one. So long they have to be verified and recorded there.
 */
const FOR_OTHER_NODES_MS = 1_000;

export interface ClosingMonitorParts {
  readonly house: {
    readonly isShared?: boolean;
    readonly lots: ReadonlyMap<LotId, Lot>;
    saleEvidence(lot: Lot): Promise<Pick<SaleEvidence, 'closing'>>;
    close(lot: LotId, evidence: SaleEvidence['closing']): Promise<Accepted | { readonly outcome: 'not-due' } | Refused>;
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
  /** A look at ten thousand closed lots ten times a second would be waste. */
  readonly #open = new Set<LotId>();

  constructor(parts: ClosingMonitorParts) {
    this.#parts = parts;
    for (const lot of parts.house.lots.values()) if (lot.status === 'open') this.#open.add(lot.id);
  }

  /** Hears what is published: a new lot is one to watch. */
  hear(letters: readonly Letter[]): void {
    for (const letter of letters) {
      if ('announcement' in letter && letter.announcement.event === 'someone_listed') {
        this.#open.add(letter.announcement.lot);
      }
    }
  }

  /** Closes everything that is due. Throws what the Trusted Service refuses; then nothing was closed, and may be later. */
  async closeDue(): Promise<void> {
    const { time, settled } = this.#parts;
    // The carried-on time says when it is worth to ask; what counts is the signed time.
    if (!time.isKnown || this.#due(time.now()).length === 0) return;
    const { nonce, timestamp, at } = await time.ask();
    // A bid that arrived in time may still be on its way through the intake.
    await settled();
    await Promise.all(this.#due(at).map((lot) => this.#close(lot.id, { nonce, timestamp })));
  }

  #due(now: Instant): Lot[] {
    const at = (this.#parts.house.isShared === true ? now - FOR_OTHER_NODES_MS : now) as Instant;
    const lots: Lot[] = [];
    for (const id of this.#open) {
      const lot = this.#parts.house.lots.get(id);
      invariant(lot !== undefined, 'what was listed is a lot');
      if (lot.status !== 'open') this.#open.delete(id);
      else if (isDue(lot, at)) lots.push(lot);
    }
    return lots;
  }

  async #close(id: LotId, evidence: SaleEvidence['closing']): Promise<void> {
    const { house, log, onSold } = this.#parts;
    const answer = await house.close(id, evidence);
    // A bid has moved the closing meanwhile: the lot stays among the open ones.
    if (answer.outcome === 'not-due') return;
    if (answer.outcome === 'refused') {
      log.warn({ lot: id, code: answer.code }, 'a lot could not be closed; trying again');
      return;
    }
    const lot = house.lots.get(id);
    log.info({ lot: id, position: answer.position, outcome: lot?.status }, 'a lot closed');
    if (lot?.status === 'sold' && (await this.#isClosedBy(evidence, lot))) onSold(id);
  }

  /** Whether this evidence is the one that closed the lot: another node may have been quicker, and then sees to the rest. */
  async #isClosedBy({ nonce }: SaleEvidence['closing'], lot: Lot): Promise<boolean> {
    const { house } = this.#parts;
    return house.isShared !== true || (await house.saleEvidence(lot)).closing.nonce === nonce;
  }
}
