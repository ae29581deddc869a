/** Lets a bot bid: tells it what happens, and hands what it wishes to a desk that holds it to its limits. */
import type { Announcement } from '../../shared/wire/announcements.ts';
import type { LotReference } from '../commands/intent.ts';
import { delay } from '../connection/back-off.ts';
import type { LotModel } from '../store/model.ts';
import { bestOwnBid, findLot, isLeading, nextValidBid, timeLeftMs } from '../store/select.ts';
import type { BiddingDesk } from './bidding-desk.ts';
import type { BotClient } from './bot-client.ts';
import type { EventName } from './decision.ts';
import type { Bot, LotSight, Sight, Wishes } from './define-bot.ts';
import { type OpenDeskParts, openDesk } from './open-desk.ts';
import type { ParamValues } from './params.ts';

export interface BotParts extends Omit<OpenDeskParts, 'isInScope' | 'strategy'> {
  readonly bot: Bot;
  readonly params: ParamValues<NonNullable<Bot['params']>>;
  /** Deal with this lot alone, and end with it. */
  readonly only?: LotReference | undefined;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

export type BotEnd = 'done' | 'stopped' | 'interrupted';

/** How often a bot looks: a lot's last seconds are worth a few looks each. */
const LOOK_MS = 100;
/** How long a bot that has to end waits for answers. What comes later is learned by the next run. */
const FAREWELL_MS = 2_000;
const NEVER = new AbortController().signal;

/** Runs until the one lot is closed, the bot is stopped, or `signal`. Throws what nobody should bid on after. */
export async function runBot(parts: BotParts): Promise<BotEnd> {
  const run = new BotRun(parts);
  try {
    return await run.end();
  } finally {
    run.close();
  }
}

class BotRun {
  readonly #parts: BotParts;
  readonly #client: BotClient;
  readonly #desk: BiddingDesk;
  readonly #deaf: () => void;

  constructor(parts: BotParts) {
    this.#parts = parts;
    const isInScope = (lot: LotModel | undefined) => this.#isInScope(lot);
    const { desk, client } = openDesk({ ...parts, strategy: parts.bot.name, isInScope });
    this.#desk = desk;
    this.#client = client;
    this.#deaf = client.on('announcement', (announcement) => this.#hear(announcement));
  }

  async end(): Promise<BotEnd> {
    const { signal, isStopped } = this.#parts;
    let reason: BotEnd = 'done';
    while (!this.#isOver()) {
      if (signal.aborted) reason = 'interrupted';
      else if (isStopped()) reason = 'stopped';
      if (reason !== 'done') break;
      this.#desk.repeatUnanswered();
      if (this.#client.isUp) this.#tick();
      await Promise.race([delay(LOOK_MS, signal), this.#desk.broken]);
    }
    await Promise.race([this.#desk.settled(), delay(FAREWELL_MS, NEVER), this.#desk.broken]);
    this.#desk.tell({ type: 'ended', reason });
    return reason;
  }

  close(): void {
    this.#deaf();
  }

  /** Whether a bot with one lot has nothing left to do. */
  #isOver(): boolean {
    const { only } = this.#parts;
    const lot = only === undefined ? undefined : findLot(this.#client.model, only);
    return lot !== undefined && lot.status !== 'open';
  }

  #isInScope(lot: LotModel | undefined): boolean {
    const { only, limits } = this.#parts;
    if (only === undefined) return lot === undefined || lot.terms.currency === limits.currency;
    return lot !== undefined && (only === lot.number || only === lot.lot);
  }

  #hear({ event, lot: id }: Announcement): void {
    const lot = this.#client.model.lots.get(id);
    if (lot === undefined || !this.#isInScope(lot)) return;
    const { bot } = this.#parts;
    if (event === 'item_closed') this.#noteClosing(lot);
    const [look, sight] = [this.#look(lot), this.#sight()];
    const handler = { someone_listed: 'onListed', someone_bid: 'onBid', item_closed: 'onClosed' } as const;
    this.#listen(EVENTS[event], () => bot[handler[event]]?.(look, sight));
    this.#listen(EVENTS[event], () => this.#askFor(look, sight));
  }

  #tick(): void {
    const { bot } = this.#parts;
    const sight = this.#sight();
    this.#listen('tick', () => bot.onTick?.(sight));
    for (const lot of sight.lots) this.#listen('tick', () => this.#askFor(lot, sight));
  }

  #askFor(lot: LotSight, sight: Sight): Wishes {
    if (lot.mine || lot.leftMs === 0) return undefined;
    const bid = this.#parts.bot.bidOn?.(lot, sight);
    return bid === undefined ? undefined : { bid, lot: lot.lot };
  }

  #noteClosing(lot: LotModel): void {
    const { status, hammerPrice } = lot;
    const bids = this.#desk.commitments.recordedOn(lot.lot);
    if (bids.length === 0 || status === 'open') return;
    const price = hammerPrice === undefined ? {} : { hammerPrice };
    const won = this.#desk.commitments.hasWon(lot);
    this.#desk.tell({ type: 'closed', lot: lot.lot, outcome: status, ...price, won });
  }

  /** A handler that throws ends the bot, and not the client that it listens to. */
  #listen(event: EventName, ask: () => Wishes): void {
    try {
      const wishes = ask();
      for (const wish of Array.isArray(wishes) ? wishes : [wishes]) {
        if (wish !== undefined) this.#desk.consider(wish, event);
      }
    } catch (error) {
      this.#desk.fail(error);
    }
  }

  #sight(): Sight {
    const { params, random, limits } = this.#parts;
    const { model } = this.#client;
    const committed = this.#desk.commitments.total(model);
    const left = Math.max(0, (limits.budget ?? Number.POSITIVE_INFINITY) - committed);
    const lots = [...model.lots.values()].filter((lot) => this.#isInScope(lot)).map((lot) => this.#look(lot));
    const purse = Object.freeze({ committed, left });
    return Object.freeze({ now: this.#client.time().at, lots: Object.freeze(lots), params, purse, random });
  }

  #look(model: LotModel): LotSight {
    const lot = this.#desk.see(model);
    const { terms, leading } = lot;
    const ownBest = bestOwnBid(lot);
    return Object.freeze({
      ...{ lot: lot.lot, number: lot.number, title: terms.title, currency: terms.currency },
      ...{ startingPrice: terms.startingPrice, increment: terms.increment, closesAt: lot.closesAt },
      leftMs: timeLeftMs(lot, this.#client.time().at),
      status: lot.status,
      bids: lot.bids,
      ...(leading === undefined ? {} : { leadingAmount: leading.amount }),
      nextValid: nextValidBid(lot),
      mine: lot.mine,
      isLeading: isLeading(lot),
      ...(ownBest === undefined ? {} : { ownBest }),
      max: this.#desk.mostOn(lot),
    });
  }
}

const EVENTS: Readonly<Record<Announcement['event'], EventName>> = {
  someone_listed: 'listed',
  someone_bid: 'bid',
  item_closed: 'closed',
};
