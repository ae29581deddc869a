/**
 * One lot as an auditor sees it: from its public records alone, by rules that are written down a second time here and
 * share nothing with those of the house. All that is recorded counts; what was told is what the next bid had to beat.
 */
import type { LotTerms } from '../../shared/wire/commands.ts';
import { CLOSING_GRACE_MS, MAX_LOT_LIFE_MS, TIMESTAMP_MAX_AGE_MS } from '../../shared/wire/limits.ts';
import { demand } from './finding.ts';

/** What a verified timestamp says. */
export interface AuditStamp {
  readonly at: number;
  readonly serial: number;
  readonly clock: string;
}

interface Command {
  readonly pseudonym: string;
  readonly imprint: string;
}

export interface Listing extends Command {
  readonly lot: string;
  readonly terms: LotTerms;
}

export interface AuditBid extends Command {
  readonly amount: number;
  /** The effective closing, as the house recorded it. */
  readonly closesAt: number;
  readonly withheld: boolean;
}

export interface AuditClosing {
  readonly outcome: 'sold' | 'unsold';
  readonly hammerPrice?: number;
  readonly pseudonym?: string;
}

type Placed = AuditBid & AuditStamp;

export class AuditedLot {
  readonly lot: string;
  /** The ordinal of the listing: the lot's short name. */
  readonly number: number;
  readonly terms: LotTerms;
  readonly listed: AuditStamp;
  /** The effective closing, withheld bids counted. */
  closesAt: number;
  /** The same as far as it was told. */
  toldClosesAt: number;
  bids = 0;
  /** The greatest of all recorded bids. */
  best: Placed | undefined;
  closed: (AuditClosing & { readonly at: number }) | undefined;
  #toldBest: Placed | undefined;
  /** Statements and pseudonyms, until the lot is closed. */
  readonly #used = new Set<string>();
  readonly #done = new Set<string>();

  constructor(number: number, { lot, terms, pseudonym, imprint }: Listing, stamp: AuditStamp) {
    const { closesAt, extension } = terms;
    demand(closesAt > stamp.at, 'closing-not-in-future', `${closesAt} at ${stamp.at}`);
    const latest = Math.max(closesAt, extension?.until ?? closesAt);
    demand(latest - stamp.at <= MAX_LOT_LIFE_MS, 'closing-too-far', `${latest} at ${stamp.at}`);
    demand(extension === undefined || extension.until >= closesAt, 'extension-before-closing');
    this.lot = lot;
    this.number = number;
    this.terms = terms;
    this.listed = stamp;
    this.closesAt = closesAt;
    this.toldClosesAt = closesAt;
    this.#used.add(imprint).add(pseudonym);
  }

  bid(bid: AuditBid, stamp: AuditStamp): void {
    const placed: Placed = { ...bid, ...stamp };
    this.#demandOpen();
    this.#demandClock(stamp);
    this.#demandNew(bid);
    demand(!isEarlier(stamp, this.listed), 'timestamp-before-listing');
    demand(stamp.at < this.closesAt, 'timestamp-after-closing', `${stamp.at}, closed at ${this.closesAt}`);
    this.#demandEnough(placed);
    const closesAt = this.#closingAfter(stamp.at);
    demand(bid.closesAt === closesAt, 'closing-miscomputed', `${bid.closesAt} instead of ${closesAt}`);
    // When it arrived is not public; but no stamp is older than this on arrival.
    const arrivedBy = stamp.at + TIMESTAMP_MAX_AGE_MS;
    demand(!bid.withheld || arrivedBy >= closesAt, 'withheld-too-early', `by ${arrivedBy}, closing at ${closesAt}`);

    this.bids += 1;
    this.closesAt = closesAt;
    if (this.best === undefined || isGreater(placed, this.best)) this.best = placed;
    if (bid.withheld) return;
    // What was withheld before is told now as well.
    this.#toldBest = this.best;
    this.toldClosesAt = closesAt;
  }

  close(closing: AuditClosing, stamp: AuditStamp): void {
    this.#demandOpen();
    this.#demandClock(stamp);
    const due = this.closesAt + CLOSING_GRACE_MS;
    demand(stamp.at >= due, 'closed-too-early', `${stamp.at} instead of ${due}`);
    const { best } = this;
    demand((closing.outcome === 'sold') === (best !== undefined), 'outcome-wrong', `${this.bids} bids`);
    const { hammerPrice, pseudonym } = closing;
    demand(hammerPrice === best?.amount, 'price-wrong', `${hammerPrice} instead of ${best?.amount}`);
    demand(pseudonym === best?.pseudonym, 'winner-wrong', `${pseudonym} instead of ${best?.pseudonym}`);
    this.closed = { ...closing, at: stamp.at };
    this.toldClosesAt = this.closesAt;
    this.#used.clear();
  }

  disclose(): void {
    demand(this.closed?.outcome === 'sold', 'not-sold');
    this.#demandOnce('disclosed');
  }

  acknowledge(role: 'seller' | 'winner'): void {
    const isTold = this.#done.has('disclosed') || (role === 'seller' && this.closed?.outcome === 'unsold');
    demand(isTold, 'not-sold', `the ${role} had nothing to acknowledge`);
    this.#demandOnce(role);
  }

  #demandEnough({ amount, at, serial }: Placed): void {
    const { startingPrice, increment } = this.terms;
    demand(amount >= startingPrice, 'bid-below-starting-price', `${amount}, from ${startingPrice}`);
    const leader = this.#toldBest;
    if (leader === undefined) return;
    if (amount === leader.amount) demand(isEarlier({ at, serial }, leader), 'tie-lost', `${amount}`);
    else demand(amount >= leader.amount + increment, 'bid-below-increment', `${amount} after ${leader.amount}`);
  }

  #closingAfter(at: number): number {
    const soft = this.terms.extension;
    if (soft === undefined || at < this.closesAt - soft.window) return this.closesAt;
    return Math.max(this.closesAt, Math.min(at + soft.by, soft.until));
  }

  #demandOpen(): void {
    demand(this.closed === undefined, 'lot-closed', `at ${this.closed?.at}`);
  }

  #demandClock({ clock }: AuditStamp): void {
    demand(clock === this.listed.clock, 'clock-mixed', `${clock} instead of ${this.listed.clock}`);
  }

  #demandNew({ imprint, pseudonym }: Command): void {
    demand(!this.#used.has(imprint), 'statement-twice');
    demand(!this.#used.has(pseudonym), 'pseudonym-twice');
    this.#used.add(imprint).add(pseudonym);
  }

  #demandOnce(what: string): void {
    demand(!this.#done.has(what), 'done-twice', what);
    this.#done.add(what);
  }
}

type Order = Pick<AuditStamp, 'at' | 'serial'>;

function isEarlier(one: Order, other: Order): boolean {
  return one.at < other.at || (one.at === other.at && one.serial < other.serial);
}

function isGreater(one: Order & { amount: number }, other: Order & { amount: number }): boolean {
  return one.amount > other.amount || (one.amount === other.amount && isEarlier(one, other));
}
