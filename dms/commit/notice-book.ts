/**
 * Who has still to hear in private, and of which lots: so that nobody looks through all lots whenever somebody comes. Part
 * of the fold.
 */
import type { LotId, Subject } from '../../shared/wire/vocabulary.ts';
import type { Lot } from '../auction/lot.ts';
import { noticeTo, partyOf, ROLES } from '../auction/queries.ts';

const NONE: ReadonlyMap<LotId, Lot> = new Map();

export class NoticeBook {
  readonly #waiting = new Map<Subject, Map<LotId, Lot>>();

  /** Takes a lot as it is now. */
  note(lot: Lot): void {
    for (const role of ROLES) {
      const party = partyOf(lot, role);
      if (party === undefined) continue;
      if (noticeTo(lot, role) === undefined) this.#remove(party, lot.id);
      else this.#add(party, lot);
    }
  }

  /** The lots of which this subject has a notice that it did not acknowledge. */
  lotsOf(subject: Subject): Iterable<Lot> {
    return (this.#waiting.get(subject) ?? NONE).values();
  }

  /** A lot that is closed changes with its notices alone. */
  #add(party: Subject, lot: Lot): void {
    const lots = this.#waiting.get(party);
    if (lots === undefined) this.#waiting.set(party, new Map([[lot.id, lot]]));
    else lots.set(lot.id, lot);
  }

  #remove(party: Subject, lot: LotId): void {
    const lots = this.#waiting.get(party);
    if (lots?.delete(lot) === true && lots.size === 0) this.#waiting.delete(party);
  }
}
