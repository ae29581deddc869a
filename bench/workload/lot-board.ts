/** The lots of a house as one participant hears of them, at little cost, and a note of all that was heard for the auditor. */
import { digestOfTerms } from '../../shared/crypto/digest.ts';
import type { Announcement, ItemClosed, SomeoneBid, SomeoneListed } from '../../shared/wire/announcements.ts';
import type { LotTerms } from '../../shared/wire/commands.ts';
import type { LotId } from '../../shared/wire/vocabulary.ts';
import type { Note, Who } from './notes.ts';
import type { Board, BoardLot } from './orders.ts';

/** Ended lots that still get bids. */
const ENDED = 50;
const LISTED = '2["someone_listed",';
const BID = '2["someone_bid",';
const CLOSED = '2["item_closed",';

/** A lot, for as long as the bench runs. */
export interface HeardLot extends BoardLot {
  readonly terms: LotTerms;
  readonly digest: string;
  leadingAmount: number | undefined;
  /** When it was heard that it was closed, and whether it was sold. */
  closed?: { readonly at: number; readonly isSold: boolean };
}

export class LotBoard implements Board {
  readonly #lots = new Map<string, HeardLot>();
  readonly #open = new Set<HeardLot>();
  readonly #ended: HeardLot[] = [];
  readonly #time: () => number;
  readonly #note: (note: Note) => void;
  #heard: number[] = [];

  /** `time` is the trusted one. */
  constructor(time: () => number, note: (note: Note) => void) {
    this.#time = time;
    this.#note = note;
  }

  now(): number {
    return this.#time();
  }

  open(): BoardLot[] {
    const now = this.#time();
    return [...this.#open].filter(({ closesAt }) => closesAt > now);
  }

  ended(): readonly BoardLot[] {
    return this.#ended;
  }

  has(lot: string): boolean {
    return this.#lots.has(lot);
  }

  find(lot: string): HeardLot | undefined {
    return this.#lots.get(lot);
  }

  all(): HeardLot[] {
    return [...this.#lots.values()];
  }

  /** An event as it came. */
  hear(packet: string): void {
    if (packet.startsWith(BID)) for (const one of listIn<SomeoneBid>(packet)) this.#bid(one);
    else if (packet.startsWith(LISTED)) for (const one of listIn<SomeoneListed>(packet)) this.#listed(one);
    else if (packet.startsWith(CLOSED)) for (const one of listIn<ItemClosed>(packet)) this.#closed(one);
  }

  /** Everything up to this position was told. */
  told(who: Who, position: number): void {
    const positions = this.#heard.toSorted((one, other) => one - other);
    this.#heard = [];
    this.#note({ note: 'heard', who, positions, told: position });
  }

  #listed(listed: SomeoneListed): void {
    this.#heardOf({ event: 'someone_listed', ...listed });
    const { lot, terms, at } = listed;
    const heard: HeardLot = {
      ...{ lot: lot as LotId, listedAt: at, closesAt: terms.closesAt, startingPrice: terms.startingPrice },
      ...{ leadingAmount: undefined, terms, digest: digestOfTerms(terms) },
    };
    this.#lots.set(lot, heard);
    this.#open.add(heard);
  }

  #bid(bid: SomeoneBid): void {
    this.#heardOf({ event: 'someone_bid', ...bid });
    const lot = this.#lots.get(bid.lot);
    if (lot !== undefined) lot.leadingAmount = Math.max(lot.leadingAmount ?? 0, bid.amount);
  }

  #closed(closed: ItemClosed): void {
    this.#heardOf({ event: 'item_closed', ...closed });
    const lot = this.#lots.get(closed.lot);
    if (lot === undefined) return;
    lot.closed = { at: this.#time(), isSold: closed.outcome === 'sold' };
    this.#open.delete(lot);
    this.#ended.push(lot);
    if (this.#ended.length > ENDED) this.#ended.shift();
  }

  #heardOf(announcement: Announcement): void {
    this.#heard.push(announcement.position);
    this.#note({ note: 'content', announcement });
  }
}

function listIn<One>(packet: string): One[] {
  return (JSON.parse(packet.slice(1)) as [string, One[]])[1];
}
