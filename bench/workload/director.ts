/** Draws who does what from the workload, at its pace, and sends away who is to be away. */
import type { AuctionMark, Mix, Offer, Operation } from '../../client/bots/workload/auction-mark.ts';
import { DAY_MS, type Size } from '../../client/bots/workload/sizes.ts';
import { delay } from '../../client/connection/back-off.ts';
import { LotTerms } from '../../shared/wire/commands.ts';
import { CLOSING_GRACE_MS, MAX_AMOUNT } from '../../shared/wire/limits.ts';
import type { Who } from './notes.ts';
import type { Board, BoardLot, Order, Outcome, People } from './orders.ts';

export interface DirectorParts {
  readonly size: Size;
  /** Sees what everybody sees. */
  readonly board: Board;
  readonly people: People;
}

/** What is drawn, and until when. */
export interface Draw {
  readonly mark: AuctionMark;
  readonly signal: AbortSignal;
  /** `ms` is from the moment at which it was to be asked to its answer. */
  readonly onOutcome?: (outcome: Outcome, ms: number) => void;
}

/** Operations of some mix. Listings are none of them: lots are listed as others close, whatever the load. */
export interface Load extends Draw {
  readonly mix: Mix;
}

/** Absent `closesAt`: each lot closes when its life is over. */
type Listing = Omit<Draw, 'mark'> & { readonly closesAt?: number };

/** What is known of a lot from the answers to those who asked. */
interface Known {
  readonly seller: Who;
  readonly bids: Map<Who, number>;
  leader?: { readonly who: Who; readonly amount: number };
  /** It was drawn whether its winner is away at the closing. */
  isDrawn: boolean;
}

const LOOK_MS = 200;
/** The least life of a lot: one that has less is over before anybody can hear of it. */
const LEAST_LIFE_MS = 1_500;
/** So long before the closing the winner leaves, and comes back so long after it. */
const FAREWELL_MS = 1_500;

export class Director {
  readonly #parts: DirectorParts;
  readonly #lots = new Map<string, Known>();
  readonly #away = new Set<Who>();
  readonly #under = new Set<Promise<unknown>>();
  #listing = 0;
  #hasBegun = false;

  constructor(parts: DirectorParts) {
    this.#parts = parts;
  }

  /** Open loop: nobody waits for another's answer, and who is late is late from the time that was drawn. */
  async operate({ perSecond, ...load }: Load & { readonly perSecond: number }): Promise<void> {
    const { mark, mix, signal } = load;
    let due = performance.now() + mark.pauseMs(perSecond);
    while (!signal.aborted) {
      await delay(Math.max(0, due - performance.now()), signal);
      const now = performance.now();
      // A timer takes a millisecond at least: what has become due meanwhile leaves at once, or it would never catch up.
      for (; due <= now && !signal.aborted; due += mark.pauseMs(perSecond)) {
        const operation = mark.operation(mix);
        if (operation !== 'list') void this.#operation(operation, due, load);
      }
    }
  }

  /** Closed loop: so many operations are under way at any time. */
  async saturate({ underWay, ...load }: Load & { readonly underWay: number }): Promise<void> {
    const { mark, mix, signal } = load;
    const lane = async () => {
      while (!signal.aborted) {
        const operation = mark.operation(mix);
        if (operation === 'list') continue;
        const done = await this.#operation(operation, performance.now(), load);
        // There was nothing to bid on, or nobody to do it: some other time there is.
        if (done === undefined || done.outcome === 'absent') await delay(1, signal);
      }
    };
    await Promise.all(Array.from({ length: underWay }, lane));
  }

  /** Keeps as many lots open as the size says, and sends those away who are to be away at a closing. */
  async keepOpen(draw: Draw): Promise<void> {
    const { mark, signal } = draw;
    const { board, size } = this.#parts;
    while (!signal.aborted) {
      const open = board.open();
      const missing = Math.max(0, size.lots - open.length - this.#listing);
      const offers = this.#hasBegun ? Array.from({ length: missing }, () => mark.offer()) : mark.opening(missing);
      this.list(offers, draw);
      this.#hasBegun = true;
      for (const lot of open) this.#sayFarewell(lot, draw);
      await delay(LOOK_MS, signal);
    }
  }

  async churn({ mark, signal }: Draw): Promise<void> {
    const { connections } = this.#parts.size;
    while (!signal.aborted) {
      await delay(mark.reconnectPauseMs(connections), signal);
      if (!signal.aborted) this.#sendAway(mark.anyOf(connections), 0, signal);
    }
  }

  list(offers: readonly Offer[], listing: Listing): void {
    for (const offer of offers) this.#list(offer, listing);
  }

  /** Resolves when everything that was asked is answered. */
  async settled(): Promise<void> {
    await Promise.all(this.#under);
  }

  /** `undefined` where there is nothing to bid on. */
  #operation(operation: Exclude<Operation, 'list'>, due: number, load: Load): Promise<Outcome> | undefined {
    if (operation === 'bid') return this.#bid(due, load);
    return this.#ask(load.mark.anyOf(this.#parts.size.connections), { kind: operation }, due, load);
  }

  #bid(due: number, load: Load): Promise<Outcome> | undefined {
    const [{ board }, { mark }] = [this.#parts, load];
    const lot = mark.lot(board.open(), board.ended(), board.now());
    const known = lot === undefined ? undefined : this.#lots.get(lot.lot);
    if (lot === undefined || known === undefined) return undefined;
    const { seller, leader, bids } = known;
    const who = mark.buyer({ seller, leader: leader?.who, bids });
    if (who === undefined) return undefined;
    const amount = Math.min(MAX_AMOUNT, mark.amount(lot.startingPrice, lot.leadingAmount));
    const done = this.#ask(who, { kind: 'bid', lot: lot.lot, amount }, due, load);
    void done.then(({ outcome }) => {
      if (outcome !== 'accepted') return;
      bids.set(who, (bids.get(who) ?? 0) + 1);
      if (amount > (known.leader?.amount ?? 0)) known.leader = { who, amount };
    });
    return done;
  }

  #list({ seller, title, startingPrice, days }: Offer, listing: Listing): void {
    const end = this.#parts.board.now() + Math.max(LEAST_LIFE_MS, days * DAY_MS);
    const closesAt = listing.closesAt ?? Math.round(end);
    const terms = LotTerms.parse({ title, currency: 'EUR', startingPrice, increment: 1, closesAt });
    this.#listing += 1;
    const asked = this.#ask(seller, { kind: 'list', terms }, performance.now(), listing);
    const done = asked.then(async ({ outcome, lot }) => {
      if (outcome === 'accepted' && lot !== undefined) await this.#untilHeard(seller, lot, listing.signal);
      this.#listing -= 1;
    });
    this.#keep(done);
  }

  /** An accepted lot is counted as open as soon as it is announced. */
  async #untilHeard(seller: Who, lot: string, signal: AbortSignal): Promise<void> {
    this.#lots.set(lot, { seller, bids: new Map(), isDrawn: false });
    while (!this.#parts.board.has(lot) && !signal.aborted) await delay(LOOK_MS, signal);
  }

  #sayFarewell({ lot, closesAt }: BoardLot, { mark, signal }: Draw): void {
    const known = this.#lots.get(lot);
    if (known === undefined || known.isDrawn || closesAt - this.#parts.board.now() > FAREWELL_MS) return;
    known.isDrawn = true;
    if (mark.isWinnerAway() && known.leader !== undefined)
      this.#sendAway(known.leader.who, 2 * FAREWELL_MS + CLOSING_GRACE_MS, signal);
  }

  #sendAway(who: Who, ms: number, signal: AbortSignal): void {
    const { people } = this.#parts;
    if (this.#away.has(who) || !people.isPresent(who)) return;
    this.#away.add(who);
    const [life, back] = [people.lifeOf(who), people.leave(who)];
    this.#keep(
      back
        .then(() => delay(ms, signal))
        .then(() => {
          this.#away.delete(who);
          // A process that was killed meanwhile has sent everybody in again.
          if (people.lifeOf(who) === life) people.enter(who);
        }),
    );
  }

  #ask(who: Who, order: Order, due: number, { onOutcome }: Pick<Draw, 'onOutcome'>): Promise<Outcome> {
    const done = this.#parts.people.do(who, order, due);
    this.#keep(done.then((outcome) => onOutcome?.(outcome, performance.now() - due)));
    return done;
  }

  #keep(work: Promise<unknown>): void {
    const kept = work.finally(() => this.#under.delete(kept));
    this.#under.add(kept);
  }
}
