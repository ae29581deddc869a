/**
 * A second idea of the truth, far simpler and slower than the rules: it keeps every bid in one list and works everything
 * out afresh from it. It shares no code with dms/auction, and says for each step what the house has to answer and tell.
 */
import type { PlainBid, PlainTerms } from './saleroom.ts';

interface Known extends Required<Omit<PlainBid, 'termsDigest'>> {
  told: boolean;
}

/** What the auditor expects of one step: the answer, and the serials of the bids that are announced, in order. */
export interface Verdict {
  readonly answer: string;
  readonly announced: readonly number[];
}

const GRACE = 3_000;
const best = (bids: readonly Known[]) =>
  [...bids].sort((a, b) => b.amount - a.amount || a.at - b.at || a.serial - b.serial)[0];

export class Auditor {
  readonly bids: Known[] = [];
  readonly #terms: PlainTerms & { startingPrice: number; increment: number; closesAt: number };
  #open = true;

  constructor(terms: PlainTerms & { startingPrice: number; increment: number; closesAt: number }) {
    this.#terms = terms;
  }

  /** The effective closing: all recorded bids, gone through in order of arrival. */
  closesAt(bids: readonly Known[] = this.bids): number {
    let closesAt = this.#terms.closesAt;
    const soft = this.#terms.extension;
    for (const { at } of bids) {
      if (soft && at >= closesAt - soft.window) closesAt = Math.max(closesAt, Math.min(at + soft.by, soft.until));
    }
    return closesAt;
  }

  winner(): Known | undefined {
    return best(this.bids);
  }

  toldBids(): readonly Known[] {
    return this.bids.filter(({ told }) => told);
  }

  bid(plain: PlainBid): Verdict {
    const reason = this.#reason(plain);
    if (reason !== undefined) return { answer: reason, announced: [] };
    const bid: Known = { ...plain, receivedAt: plain.receivedAt ?? plain.at, told: false };
    this.bids.push(bid);
    if (bid.receivedAt >= this.closesAt()) return { answer: 'withheld', announced: [] };
    return { answer: 'accepted', announced: this.#tellAll() };
  }

  close(at: number): Verdict {
    if (!this.#open) return { answer: 'lot-closed', announced: [] };
    if (at < this.closesAt() + GRACE) return { answer: 'not-due', announced: [] };
    this.#open = false;
    const winner = this.winner();
    return { answer: winner ? `sold ${winner.serial} for ${winner.amount}` : 'unsold', announced: this.#tellAll() };
  }

  #reason({ who, amount, at, serial }: PlainBid): string | undefined {
    if (!this.#open) return 'lot-closed';
    if (who === 'seller') return 'bidder-is-seller';
    if (at < 0 || (at === 0 && serial < 1)) return 'timestamp-before-listing';
    if (at >= this.closesAt()) return 'timestamp-after-closing';
    if (amount < this.#terms.startingPrice) return 'bid-below-starting-price';
    return this.#tooLow(amount, at, serial);
  }

  #tooLow(amount: number, at: number, serial: number): string | undefined {
    const leader = best(this.toldBids());
    if (leader === undefined || amount >= leader.amount + this.#terms.increment) return undefined;
    if (amount !== leader.amount) return 'bid-below-increment';
    return at < leader.at || (at === leader.at && serial < leader.serial) ? undefined : 'tie-lost';
  }

  #tellAll(): number[] {
    const news = this.bids.filter(({ told }) => !told);
    for (const bid of news) bid.told = true;
    return news.map(({ serial }) => serial);
  }
}
