/** The records of a busy sale: many lots at once, bids on all of them in turns, one in twenty a listing. */
import type { Entry } from '../../dms/journal/journal.ts';
import { RecordMaker } from './record-maker.ts';

/** Lots that are bid on in turns. */
export const LOTS = 100;
/** They close so long after they were listed: not in the course of a bench. */
const OPEN_MS = 3_600_000;

export class Bids {
  readonly #maker: RecordMaker;
  readonly #lots: Iterator<Entry, undefined>[] = [];
  #taken = 0;

  private constructor(maker: RecordMaker) {
    this.#maker = maker;
  }

  static async load(): Promise<Bids> {
    return new Bids(await RecordMaker.load({ from: Date.now(), openMs: OPEN_MS }));
  }

  /** So many, in an order in which a journal takes them. */
  take(count: number): Entry[] {
    return Array.from({ length: count }, () => this.#next());
  }

  #next(): Entry {
    const place = this.#taken % LOTS;
    this.#taken += 1;
    const entry = this.#lots[place]?.next().value;
    if (entry !== undefined) return entry;
    const lot = this.#maker.bidsOnALot();
    this.#lots[place] = lot;
    return lot.next().value as Entry;
  }
}
