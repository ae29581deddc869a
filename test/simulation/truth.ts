/**
 * The auditor's idea of the truth: the records that are durable, read as plain JSON, and what follows from them. It shares
 * no rule with the house. Everything can be asked as of any position, since a node may know less than the disk holds.
 */
import type { Recorded } from '../../dms/journal/journal.ts';

export interface KnownBid {
  readonly position: number;
  readonly id: string;
  readonly bidder: string;
  readonly amount: number;
  readonly pseudonym: string;
  readonly at: number;
  readonly serial: number;
  readonly withheld: boolean;
  /** The effective closing after it. */
  readonly closesAt: number;
}

export interface KnownLot {
  readonly id: string;
  readonly number: number;
  readonly seller: string;
  readonly at: number;
  readonly serial: number;
  readonly terms: Terms;
  /** Of all its records. */
  readonly positions: number[];
  readonly bids: KnownBid[];
  closed?: { position: number; at: number; epoch: number; outcome: string; hammerPrice?: number; pseudonym?: string };
  disclosed?: { position: number; seller: string; winner: string };
  readonly acknowledged: Map<string, number>;
}

interface Terms {
  readonly title: string;
  readonly startingPrice: number;
  readonly increment: number;
  readonly closesAt: number;
  readonly extension?: { window: number; by: number; until: number };
}

/** What one record makes known to everybody. */
export interface Release {
  readonly position: number;
  readonly keys: readonly string[];
}

interface Fact {
  kind: string;
  lot: string;
  terms: Terms;
  amount: number;
  pseudonym: string;
  withheld: boolean;
  closesAt: number;
  outcome: string;
  hammerPrice?: number;
  role: string;
  timestamp: { batch: string; index: number };
}

/** The greatest by amount, then the earlier time, then the smaller serial. */
export function best(bids: readonly KnownBid[]): KnownBid | undefined {
  return bids.toSorted((one, two) => two.amount - one.amount || one.at - two.at || one.serial - two.serial)[0];
}

/** When the lot closes after one more bid at `at`. */
export function closingAfter({ extension }: Terms, closesAt: number, at: number): number {
  if (extension === undefined || at < closesAt - extension.window) return closesAt;
  return Math.max(closesAt, Math.min(at + extension.by, extension.until));
}

export class Truth {
  readonly lots = new Map<string, KnownLot>();
  readonly releases: Release[] = [];
  readonly #byId = new Map<string, { position: number; lot: string; signer: string | undefined }>();
  /** Of each position, which lot it is about. */
  readonly lotAt: string[] = [''];

  byId(id: string): { position: number; lot: string; signer: string | undefined } | undefined {
    return this.#byId.get(id);
  }

  get position(): number {
    return this.lotAt.length - 1;
  }

  lotOf(position: number): KnownLot {
    return this.lots.get(this.lotAt[position]!)!;
  }

  /** The bids that were recorded by then. */
  bids(lot: KnownLot, position: number): KnownBid[] {
    return lot.bids.filter((bid) => bid.position <= position);
  }

  closesAt(lot: KnownLot, position: number): number {
    return this.bids(lot, position).at(-1)?.closesAt ?? lot.terms.closesAt;
  }

  /** Those that everybody has heard of by then: up to the last that was not withheld, and all once the lot is closed. */
  told(lot: KnownLot, position: number): KnownBid[] {
    const bids = this.bids(lot, position);
    if (lot.closed !== undefined && lot.closed.position <= position) return bids;
    return bids.slice(0, bids.findLastIndex(({ withheld }) => !withheld) + 1);
  }

  status(lot: KnownLot, position: number): string {
    return lot.closed !== undefined && lot.closed.position <= position ? lot.closed.outcome : 'open';
  }

  /** Takes in the next durable record, and says in what it is wrong. */
  take({ id, lot, position, record }: Recorded): string | undefined {
    const fact = JSON.parse(Buffer.from(record.publicPart).toString()) as Fact;
    const held = JSON.parse(Buffer.from(record.privatePart).toString()) as Record<string, string>;
    const signer = held['subject'];
    this.#byId.set(id, { position, lot, signer });
    this.lotAt.push(lot);
    if (fact.kind === 'listed') return this.#listed(id, position, fact, signer!);
    const known = this.lots.get(lot);
    if (known === undefined) return 'a record is about a lot that was never listed';
    known.positions.push(position);
    if (fact.kind === 'bid') return this.#bid(known, id, position, fact, signer!);
    if (fact.kind === 'closed') return this.#closed(known, position, fact);
    if (fact.kind === 'disclosed') {
      if (known.disclosed !== undefined || known.closed?.outcome !== 'sold') return 'what is sold is disclosed, once';
      known.disclosed = { position, seller: held['seller']!, winner: held['winner']! };
    } else known.acknowledged.set(fact.role, position);
    return undefined;
  }

  #listed(id: string, position: number, { lot, terms, pseudonym, timestamp }: Fact, seller: string) {
    if (this.lots.has(lot) || id !== lot) return 'a lot is listed once, under the id of its command';
    const { time: at, serial } = stampIn(timestamp.batch);
    const number = this.lots.size + 1;
    const rest = { positions: [position], bids: [], acknowledged: new Map<string, number>() };
    this.lots.set(lot, { id: lot, number, seller, at, serial, terms, ...rest });
    this.releases.push({
      position,
      keys: [keyOf({ event: 'someone_listed', position, lot, number, terms, pseudonym, at })],
    });
    return undefined;
  }

  #bid(lot: KnownLot, id: string, position: number, { amount, pseudonym, withheld, timestamp }: Fact, bidder: string) {
    const { time: at, serial } = stampIn(timestamp.batch);
    const before = this.closesAt(lot, position);
    const closesAt = closingAfter(lot.terms, before, at);
    const [untold, count] = [lot.bids.slice(this.told(lot, position).length), this.told(lot, position).length];
    const bid = { position, id, bidder, amount, pseudonym, at, serial, withheld, closesAt };
    lot.bids.push(bid);
    if (!withheld) this.#release(lot, position, [...untold, bid], count);
    if (lot.closed !== undefined) return 'nothing is recorded of a lot after its closing';
    if (at >= before) return 'no bid is recorded that was stamped at the closing or later';
    if (bidder === lot.seller) return 'no seller bids on the own lot';
    if (amount < lot.terms.startingPrice) return 'no bid is below the starting price';
    return undefined;
  }

  #closed(lot: KnownLot, position: number, { outcome, hammerPrice, pseudonym, timestamp }: Fact) {
    const { time: at, epoch } = stampIn(timestamp.batch);
    if (lot.closed !== undefined) return 'a lot is closed once';
    const told = this.told(lot, position).length;
    lot.closed = { position, at, epoch, outcome, ...(hammerPrice && { hammerPrice }), ...(pseudonym && { pseudonym }) };
    const closing = keyOf({ event: 'item_closed', position, lot: lot.id, outcome, hammerPrice, pseudonym, at });
    this.#release(lot, position, lot.bids.slice(told), told, [closing]);
    const winner = best(lot.bids);
    if (
      pseudonym !== winner?.pseudonym ||
      hammerPrice !== winner?.amount ||
      (outcome === 'sold') !== (winner !== undefined)
    )
      return 'the winner is the greatest bid by amount, earlier time, smaller serial';
    if (at < this.closesAt(lot, position) + GRACE_MS) return 'no lot is closed before its grace is over';
    return undefined;
  }

  #release(lot: KnownLot, position: number, bids: readonly KnownBid[], told: number, more: readonly string[] = []) {
    const keys = bids.map((bid, index) => keyOf({ event: 'someone_bid', ...bid, lot: lot.id, bids: told + index + 1 }));
    this.releases.push({ position, keys: [...keys, ...more] });
  }
}

const GRACE_MS = 3_000;

function stampIn(batch: string): { time: number; serial: number; epoch: number } {
  return JSON.parse(Buffer.from(batch.split('.')[1]!, 'base64url').toString());
}

const FIELDS = ['amount', 'pseudonym', 'at', 'closesAt', 'bids', 'number', 'outcome', 'hammerPrice'] as const;

/** An announcement as one text, by which two are compared. Begins with its position, so that it sorts by it. */
export function keyOf(announcement: object): string {
  const said = announcement as Record<string, unknown> & { terms?: Terms };
  const facts = FIELDS.map((field) => (said[field] === undefined ? '' : `${field}=${String(said[field])}`));
  const position = String(said['position']).padStart(9, '0');
  return [position, said['event'], said['lot'], ...facts, said.terms?.title, said.terms?.closesAt].join(' ');
}
