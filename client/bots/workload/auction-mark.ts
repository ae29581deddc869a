/**
 * The load of an auction site, in the shape of AuctionMark (the benchmark of H-Store and BenchBase): who sells what for
 * how long, who bids on what and how much. Pure but for the random numbers that it is given: the same seed and the same
 * answers make the same auction again. Bench, soak and simulation draw from it, and the market of `gavel bot`.
 *
 * | what | distribution |
 * |---|---|
 * | seller of a lot | Zipf over all sellers, s = 2.0 |
 * | starting price | Zipf over 1 to 999 units of 100 minor units, s = 1.25 |
 * | title | 6 to 32 letters and blanks, each length as likely |
 * | life of a lot | round(N(6 d, 2.5 d)), drawn again until it is 1 to 10 d |
 * | what is left of it at the start | N(1.5 d, 4.25 d), drawn again until it is in (0, 10] d |
 * | arrivals | Poisson: pauses are exponential, and wait for no answer |
 * | lot of a bid | 5 % one that has ended, 50 % one in the last 7 % of its life, otherwise any open one |
 * | lot of a bid, hot | by rank, Zipf, s = 1.25 |
 * | bidder | 70 % one who has bid on the lot, by the number of bids; otherwise anybody; never its seller or leader |
 * | amount | the last one heard × (1 + U(0, 0.025)), rounded, at least the starting price |
 * | lots at the start | as many as the size says, each in the middle of its life; then one is listed when one closes |
 * | burst | 100 new lots with one closing instant |
 * | reconnects | Poisson, 1 % of the connections a second, each as likely |
 * | winner at a closing | away at half of them |
 * | what a hostile one sends | 79 % a bad signature, 10 % a bad timestamp, 10 % a bad tag, 1 % a replay |
 *
 * How large a house is, and how fast its days go by: sizes.ts.
 */
import type { Random } from './random.ts';
import { Zipf } from './zipf.ts';

/** What is asked of a house, in shares of all. */
export interface Mix {
  readonly bid: number;
  readonly allitems: number;
  readonly myitems: number;
  readonly list: number;
}
export type Operation = keyof Mix;

/** A house whose guests bid, and AuctionMark's, whose guests mostly look. */
export const BROKER_MIX: Mix = { bid: 0.8, allitems: 0.1, myitems: 0.06, list: 0.04 };
export const AUCTION_MARK_MIX: Mix = { bid: 0.235, allitems: 0.53, myitems: 0.12, list: 0.115 };

/** A lot that is to be offered. Sellers and buyers are numbered from 0. */
export interface Offer {
  readonly seller: number;
  readonly title: string;
  /** Minor units. */
  readonly startingPrice: number;
  /** How long it is open. */
  readonly days: number;
}

/** What a hostile one sends: a command that is wrong in one way, or one that was taken before. */
export type HostileMove = 'bad-signature' | 'bad-timestamp' | 'bad-tag' | 'replay';

/** What is drawn from: any lot with a beginning and an end. */
export interface TimedLot {
  readonly listedAt: number;
  readonly closesAt: number;
}

/** Of the lot of a bid: `bids` has how many each buyer has made. */
export interface Bidding {
  readonly seller: number | undefined;
  readonly leader: number | undefined;
  readonly bids: ReadonlyMap<number, number>;
}

const UNIT = 100;
const LAST_SHARE_OF_LIFE = 0.07;
const BURST_LOTS = 100;
/** Of all connections, in a second. */
const RECONNECTING = 0.01;
const AWAY = 0.5;
const HOSTILE: readonly (readonly [HostileMove, number])[] = [
  ['bad-timestamp', 0.1],
  ['bad-tag', 0.1],
  ['replay', 0.01],
];

export class AuctionMark {
  readonly #random: Random;
  readonly #buyers: number;
  readonly #sellers: Zipf;
  readonly #prices = new Zipf(999, 1.25);
  readonly #hot = new Map<number, Zipf>();

  constructor(random: Random, { sellers, buyers }: { readonly sellers: number; readonly buyers: number }) {
    this.#random = random;
    this.#buyers = buyers;
    this.#sellers = new Zipf(sellers, 2);
  }

  /** Milliseconds until the next of operations that come `perSecond`. */
  pauseMs(perSecond: number): number {
    return this.#random.exponential(perSecond) * 1_000;
  }

  operation(mix: Mix): Operation {
    let drawn = this.#random.next();
    for (const name of ['bid', 'allitems', 'myitems'] as const) {
      if (drawn < mix[name]) return name;
      drawn -= mix[name];
    }
    return 'list';
  }

  /** A new lot. */
  offer(): Offer {
    return this.#offer(drawnWithin(() => Math.round(this.#random.normal(6, 2.5)), 1, 10));
  }

  /** A lot as it stands at the start, in the middle of its life. */
  standingOffer(): Offer {
    return this.#offer(drawnWithin(() => this.#random.normal(1.5, 4.25), Number.MIN_VALUE, 10));
  }

  /** The lots of the start. */
  opening(lots: number): Offer[] {
    return Array.from({ length: lots }, () => this.standingOffer());
  }

  /** Lots that all close at one instant, as long from now as the life of any of them. */
  burst(lots: number = BURST_LOTS): Offer[] {
    const { days } = this.offer();
    return Array.from({ length: lots }, () => this.#offer(days));
  }

  /** Where a bid goes; `undefined` where there is nothing to bid on. */
  lot<Lot extends TimedLot>(open: readonly Lot[], ended: readonly Lot[], now: number): Lot | undefined {
    const drawn = this.#random.next();
    if (drawn < 0.05 && ended.length > 0) return this.#any(ended);
    const last = drawn < 0.55 ? open.filter((lot) => isInLastShare(lot, now)) : [];
    return this.#any(last.length > 0 ? last : open);
  }

  /** The hot variant: the first of the lots gets more than a quarter of the bids. */
  hotLot<Lot>(open: readonly Lot[]): Lot | undefined {
    if (open.length === 0) return undefined;
    const ranks = this.#hot.get(open.length) ?? new Zipf(open.length, 1.25);
    this.#hot.set(open.length, ranks);
    return open[ranks.rank(this.#random) - 1];
  }

  /** Who bids; `undefined` where nobody is left who may. */
  buyer({ seller, leader, bids }: Bidding): number | undefined {
    const mayBid = (buyer: number) => buyer !== seller && buyer !== leader;
    const earlier = [...bids].filter(([buyer, count]) => count > 0 && mayBid(buyer));
    if (earlier.length > 0 && this.#random.chance(0.7)) return this.#byCount(earlier);
    return this.#any(Array.from({ length: this.#buyers }, (_, buyer) => buyer).filter(mayBid));
  }

  /** How much: cheap lots give true ties, and who heard little bids too low. */
  amount(startingPrice: number, lastHeard: number | undefined): number {
    if (lastHeard === undefined) return startingPrice;
    return Math.max(startingPrice, Math.round(lastHeard * (1 + 0.025 * this.#random.next())));
  }

  /** Milliseconds until the next of these connections is made anew. */
  reconnectPauseMs(connections: number): number {
    return this.pauseMs(RECONNECTING * connections);
  }

  /** Which connection it is, or any other choice among so many; numbered from 0. */
  anyOf(connections: number): number {
    return this.#random.below(connections);
  }

  /** Whether who leads is away when a lot closes. */
  isWinnerAway(): boolean {
    return this.#random.chance(AWAY);
  }

  hostileMove(): HostileMove {
    let drawn = this.#random.next();
    for (const [move, share] of HOSTILE) {
      if (drawn < share) return move;
      drawn -= share;
    }
    return 'bad-signature';
  }

  #offer(days: number): Offer {
    const seller = this.#sellers.rank(this.#random) - 1;
    return { seller, title: this.#title(), startingPrice: UNIT * this.#prices.rank(this.#random), days };
  }

  /** Words of letters, with no blank at either end. */
  #title(): string {
    const length = 6 + this.#random.below(27);
    const letter = () => String.fromCharCode(97 + this.#random.below(26));
    const middle = Array.from({ length: length - 2 }, () => (this.#random.chance(0.15) ? ' ' : letter()));
    return `${letter()}${middle.join('')}${letter()}`;
  }

  #byCount(earlier: readonly (readonly [number, number])[]): number | undefined {
    let drawn = this.#random.below(earlier.reduce((sum, [, count]) => sum + count, 0));
    for (const [buyer, count] of earlier) {
      if (drawn < count) return buyer;
      drawn -= count;
    }
    return undefined;
  }

  #any<Thing>(things: readonly Thing[]): Thing | undefined {
    return things[this.#random.below(things.length)];
  }
}

function isInLastShare({ listedAt, closesAt }: TimedLot, now: number): boolean {
  return closesAt - now <= LAST_SHARE_OF_LIFE * (closesAt - listedAt);
}

function drawnWithin(draw: () => number, least: number, most: number): number {
  for (;;) {
    const drawn = draw();
    if (drawn >= least && drawn <= most) return drawn;
  }
}
