/** Draws who does what from the workload, at its pace, and sends away who is to be away. */
import type { AuctionClient } from '../../client/auction-client.ts';
import type { AuctionMark, Mix, Offer } from '../../client/bots/workload/auction-mark.ts';
import { DAY_MS, type Size } from '../../client/bots/workload/sizes.ts';
import { delay } from '../../client/connection/back-off.ts';
import type { LotModel } from '../../client/store/model.ts';
import { LotTerms } from '../../shared/wire/commands.ts';
import { CLOSING_GRACE_MS } from '../../shared/wire/limits.ts';
import type { LotId } from '../../shared/wire/vocabulary.ts';
import type { ClientProcess } from './client-process.ts';
import type { Who } from './notes.ts';
import type { Order, Outcome } from './seat.ts';

export interface DirectorParts {
  readonly mark: AuctionMark;
  readonly size: Size;
  readonly mix: Mix;
  /** Operations a second. */
  readonly rate: number;
  /** Sees what everybody sees, and takes no part. */
  readonly observer: AuctionClient;
  readonly crowdOf: (who: Who) => ClientProcess;
  readonly onOutcome: (outcome: Outcome, ms: number) => void;
  readonly signal: AbortSignal;
}

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
/** Ended lots that still get bids. */
const ENDED = 50;

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

  /** Runs until the signal; then waits until everything that was asked is answered. */
  async run(): Promise<void> {
    await Promise.all([this.#operate(), this.#keepOpen(), this.#churn()]);
    await Promise.all(this.#under);
  }

  /** Open loop: nobody waits for another's answer, and who is late is late from the time that was drawn. */
  async #operate(): Promise<void> {
    const { mark, rate, mix, signal } = this.#parts;
    let due = performance.now();
    while (!signal.aborted) {
      due += mark.pauseMs(rate);
      await delay(Math.max(0, due - performance.now()), signal);
      if (signal.aborted) return;
      const operation = mark.operation(mix);
      if (operation === 'bid') this.#bid(due);
      // Listings come when lots close: at this rate they are as many as the mix says.
      else if (operation !== 'list') void this.#ask(mark.anyOf(this.#parts.size.connections), { kind: operation }, due);
    }
  }

  async #keepOpen(): Promise<void> {
    const { mark, size, signal } = this.#parts;
    while (!signal.aborted) {
      const open = this.#open();
      const missing = size.lots - open.length - this.#listing;
      const offers = this.#hasBegun ? Array.from({ length: missing }, () => mark.offer()) : mark.opening(missing);
      for (const offer of offers) this.#list(offer);
      this.#hasBegun = true;
      for (const lot of open) this.#sayFarewell(lot);
      await delay(LOOK_MS, signal);
    }
  }

  async #churn(): Promise<void> {
    const { mark, size, signal } = this.#parts;
    while (!signal.aborted) {
      await delay(mark.reconnectPauseMs(size.connections), signal);
      if (!signal.aborted) this.#sendAway(mark.anyOf(size.connections), 0);
    }
  }

  #open(): LotModel[] {
    const { observer } = this.#parts;
    const now = observer.time().at;
    return [...observer.model.lots.values()].filter(({ status, closesAt }) => status === 'open' && closesAt > now);
  }

  #bid(due: number): void {
    const { mark, observer } = this.#parts;
    const ended = [...observer.model.lots.values()].filter(({ status }) => status !== 'open').slice(-ENDED);
    const lot = mark.lot(this.#open(), ended, observer.time().at);
    const known = lot === undefined ? undefined : this.#lots.get(lot.lot);
    if (lot === undefined || known === undefined) return;
    const { seller, leader, bids } = known;
    const who = mark.buyer({ seller, leader: leader?.who, bids });
    if (who === undefined) return;
    const amount = mark.amount(lot.terms.startingPrice, lot.leading?.amount);
    const done = this.#ask(who, { kind: 'bid', lot: lot.lot, amount }, due);
    void done.then(({ outcome }) => {
      if (outcome !== 'accepted') return;
      bids.set(who, (bids.get(who) ?? 0) + 1);
      if (amount > (known.leader?.amount ?? 0)) known.leader = { who, amount };
    });
  }

  #list({ seller, title, startingPrice, days }: Offer): void {
    const { observer } = this.#parts;
    const closesAt = Math.round(observer.time().at + Math.max(LEAST_LIFE_MS, days * DAY_MS));
    const terms = LotTerms.parse({ title, currency: 'EUR', startingPrice, increment: 1, closesAt });
    this.#listing += 1;
    const done = this.#ask(seller, { kind: 'list', terms }, performance.now()).then(async ({ outcome, lot }) => {
      if (outcome === 'accepted' && lot !== undefined) await this.#untilHeard(seller, lot);
      this.#listing -= 1;
    });
    this.#keep(done);
  }

  /** An accepted lot is counted as open as soon as it is announced. */
  async #untilHeard(seller: Who, lot: string): Promise<void> {
    const { observer, signal } = this.#parts;
    this.#lots.set(lot, { seller, bids: new Map(), isDrawn: false });
    while (!observer.model.lots.has(lot as LotId) && !signal.aborted) await delay(LOOK_MS, signal);
  }

  #sayFarewell(lot: LotModel): void {
    const { mark, observer } = this.#parts;
    const known = this.#lots.get(lot.lot);
    if (known === undefined || known.isDrawn || lot.closesAt - observer.time().at > FAREWELL_MS) return;
    known.isDrawn = true;
    if (mark.isWinnerAway() && known.leader !== undefined)
      this.#sendAway(known.leader.who, 2 * FAREWELL_MS + CLOSING_GRACE_MS);
  }

  #sendAway(who: Who, ms: number): void {
    const { crowdOf, signal } = this.#parts;
    const crowd = crowdOf(who);
    if (this.#away.has(who) || !crowd.present.has(who)) return;
    this.#away.add(who);
    const [life, back] = [crowd.process.restarts, crowd.leave(who)];
    this.#keep(
      back
        .then(() => delay(ms, signal))
        .then(() => {
          this.#away.delete(who);
          // A process that was killed meanwhile has sent everybody in again.
          if (crowd.process.restarts === life) crowd.enter(who);
        }),
    );
  }

  #ask(who: Who, order: Order, due: number): Promise<Outcome> {
    const done = this.#parts.crowdOf(who).do(who, order);
    this.#keep(done.then((outcome) => this.#parts.onOutcome(outcome, performance.now() - due)));
    return done;
  }

  #keep(work: Promise<unknown>): void {
    const kept = work.finally(() => this.#under.delete(kept));
    this.#under.add(kept);
  }
}
