/** Many sellers and buyers at one house, each with a home and a desk of their own: a director draws who does what. */
import type { Clock } from '../../../shared/time/clock.ts';
import { type LotTerms, LotTerms as Terms } from '../../../shared/wire/commands.ts';
import type { Currency } from '../../../shared/wire/vocabulary.ts';
import { delay } from '../../connection/back-off.ts';
import type { LotModel } from '../../store/model.ts';
import { isLeading } from '../../store/select.ts';
import type { BiddingDesk } from '../bidding-desk.ts';
import type { BotClient } from '../bot-client.ts';
import type { BotEnd } from '../run-bot.ts';
import type { AuctionMark, Offer } from '../workload/auction-mark.ts';

/** One participant. */
export interface Trader {
  readonly client: BotClient;
  readonly desk: BiddingDesk;
}

export interface MarketParts {
  readonly traders: readonly [Trader, ...Trader[]];
  readonly workload: AuctionMark;
  /** Lots that are open at any time. */
  readonly lots: number;
  /** Bids a second, by everybody together. */
  readonly rate: number;
  /** How long a day of the workload takes, in milliseconds of trusted time. */
  readonly dayMs: number;
  readonly currency: Currency;
  readonly isStopped: () => boolean;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly signal: AbortSignal;
}

/** How often it is looked whether lots are missing. */
const LOOK_MS = 100;
/** A lot that was not announced for so long was not taken. */
const AWAITED_MS = 5_000;
/** The least life of a lot: one that has less is over before anybody can hear of it. */
const LEAST_LIFE_MS = 1_000;

/** Runs until it is stopped, or `signal`. Throws what one of its desks was broken by. */
export async function runMarket(parts: MarketParts): Promise<BotEnd> {
  const market = new MarketRun(parts);
  const broken = Promise.race(parts.traders.map(({ desk }) => desk.broken));
  const over = new AbortController();
  const signal = AbortSignal.any([parts.signal, over.signal]);
  try {
    await Promise.race([broken, Promise.all([market.keepOpen(signal), market.keepBidding(signal)])]);
  } finally {
    over.abort();
  }
  const reason: BotEnd = parts.signal.aborted ? 'interrupted' : 'stopped';
  for (const { desk } of parts.traders) desk.tell({ type: 'ended', reason });
  return reason;
}

class MarketRun {
  readonly #parts: MarketParts;
  readonly #observer: Trader;
  /** Whether the lots of the start were offered: later ones have a whole life before them. */
  #hasBegun = false;
  /** When lots were asked for that are not announced yet: trusted to come for a while. */
  #awaited: number[] = [];

  constructor(parts: MarketParts) {
    this.#parts = parts;
    [this.#observer] = parts.traders;
    this.#observer.client.on('announcement', ({ event }) => {
      if (event === 'someone_listed') this.#awaited.shift();
    });
  }

  /** Offers a lot whenever one has closed, so that the number stays. */
  async keepOpen(signal: AbortSignal): Promise<void> {
    const { lots, isStopped, workload, traders, clock } = this.#parts;
    while (!signal.aborted && !isStopped()) {
      for (const { desk } of traders) desk.repeatUnanswered();
      this.#awaited = this.#awaited.filter((since) => since > clock.monotonic() - AWAITED_MS);
      for (let missing = lots - this.#open().length - this.#awaited.length; missing > 0; missing--) {
        this.#list(this.#hasBegun ? workload.offer() : workload.standingOffer());
      }
      this.#hasBegun = true;
      await delay(LOOK_MS, signal);
    }
  }

  /** Open loop: nobody waits for another's answer. */
  async keepBidding(signal: AbortSignal): Promise<void> {
    const { rate, isStopped, workload } = this.#parts;
    while (!signal.aborted && !isStopped()) {
      await delay(workload.pauseMs(rate), signal);
      const lot = workload.lot(this.#open(), [], this.#observer.client.time().at);
      if (lot !== undefined && !signal.aborted) this.#bid(lot);
    }
  }

  #open(): LotModel[] {
    const { client } = this.#observer;
    const now = client.time().at;
    return [...client.model.lots.values()].filter(
      ({ status, closesAt, terms }) => status === 'open' && closesAt > now && terms.currency === this.#parts.currency,
    );
  }

  #list({ seller, title, startingPrice, days }: Offer): void {
    const { traders, dayMs, currency, clock } = this.#parts;
    const trader = traders[seller];
    const life = Math.max(LEAST_LIFE_MS, Math.round(days * dayMs));
    const closesAt = this.#observer.client.time().at + life;
    const terms: LotTerms = Terms.parse({ title, currency, startingPrice, increment: 1, closesAt });
    if (trader !== undefined && trader.desk.consider({ list: terms }, 'tick') === undefined)
      this.#awaited.push(clock.monotonic());
  }

  #bid(lot: LotModel): void {
    const { traders, workload } = this.#parts;
    const seen = traders.map(({ client, desk }) => this.#seenBy(client, desk, lot));
    const bids = new Map(seen.map(({ ownBids }, index) => [index, ownBids.length]));
    const seller = indexOf(seen, ({ mine }) => mine);
    const buyer = workload.buyer({ seller, leader: indexOf(seen, isLeading), bids });
    const trader = buyer === undefined ? undefined : traders[buyer];
    const amount = workload.amount(lot.terms.startingPrice, lot.leading?.amount);
    // Low bids and ties are part of a market; the house says no to them.
    trader?.desk.consider({ bid: amount, lot: lot.lot, despite: ['too-low'] }, 'tick');
  }

  #seenBy({ model }: BotClient, desk: BiddingDesk, lot: LotModel): LotModel {
    const known = model.lots.get(lot.lot);
    return known === undefined ? { ...lot, mine: false, ownBids: [] } : desk.see(known);
  }
}

function indexOf<Thing>(things: readonly Thing[], isIt: (thing: Thing) => boolean): number | undefined {
  const index = things.findIndex(isIt);
  return index < 0 ? undefined : index;
}
