/** The bidders of one process and the lots that they bid on: makes their bids beforehand, and sends them. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { OpenedAccess } from '../../client/open-access.ts';
import { digestOfTerms } from '../../shared/crypto/digest.ts';
import type { CommandAnswer } from '../../shared/wire/commands.ts';
import { ANNOUNCEMENT_TICK_MS } from '../../shared/wire/limits.ts';
import { lotTerms } from '../commands/lot-terms.ts';
import { until } from './arrivals.ts';
import { Bidder, type SignedCommand } from './bidder.ts';
import type { Sent, Side, Yardstick } from './messages.ts';
import { Tally } from './tally.ts';
import { Wire } from './wire.ts';

/** Announcements that have not come by then never will. */
const ANNOUNCED_LIMIT_MS = 10_000;

/** Answers to the last bids of a turn likewise. */
const ANSWERS_LIMIT_MS = 30_000;

/** A lot as its bidders know it. */
interface Lot {
  readonly lot: string;
  readonly terms: string;
}

/** A bid that is ready to leave. Which of the bidders sends it, and on which of the lots it is, are numbers. */
interface Bid {
  readonly bidder: number;
  readonly lot: number;
  readonly signed: SignedCommand;
  readonly frame: string;
}

export class Hall {
  readonly #everybody: readonly OpenedAccess[];
  #bidders: readonly Bidder[] = [];
  readonly #wires: Record<Side, readonly Wire[]> = { house: [], empty: [], verifying: [], earlier: [] };
  readonly #lots: Lot[] = [];
  #bids = 0;
  /** In the order in which they have to leave: one on each lot, then the next ones. */
  #prepared: readonly Bid[] = [];

  /** The first sells, the others bid. */
  constructor(everybody: readonly OpenedAccess[]) {
    this.#everybody = everybody;
  }

  async enterHouse(url: string, lots: number): Promise<void> {
    const entered: Bidder[] = [];
    for (const opened of this.#everybody) entered.push(await Bidder.enter(opened, url));
    const [seller, ...bidders] = entered as [Bidder, ...Bidder[]];
    this.#bidders = bidders;
    this.#wires.house = bidders.map(({ wire }) => wire);
    for (let made = 0; made < lots; made += 1) this.#lots.push(await list(seller, made));
  }

  /** As many connections to a server that needs no handshake. */
  async enterYardstick(side: Yardstick, url: string): Promise<void> {
    const wires: Wire[] = [];
    for (const { api } of this.#everybody.slice(1)) wires.push(await Wire.open(url, api.root, {}));
    this.#wires[side] = wires;
  }

  /** Leaves all servers. */
  close(): void {
    for (const wire of Object.values(this.#wires).flat()) wire.close();
  }

  /** From here on they have to leave soon: a stamp is good for three seconds. */
  async prepare(count: number): Promise<void> {
    const signed = await Promise.all(Array.from({ length: count }, () => this.#sign()));
    const frames = new Map<SignedCommand, string>();
    // Each bidder makes one after another ready: so one connection to the Trusted Service is enough for each.
    const work = this.#bidders.map(async (bidder, index) => {
      for (const { signed: own } of signed.filter((bid) => bid.bidder === index))
        frames.set(own, await bidder.prepare(own));
    });
    await Promise.all(work);
    this.#prepared = signed.map((bid) => ({ ...bid, frame: frames.get(bid.signed) as string }));
    // What this has left behind is cleared away now, and not while bids are under way.
    globalThis.gc?.();
  }

  /**
   * On each lot `window` bids are under way, for so long or until none is left. What was prepared stays, and can be sent to
   * the yardsticks again and again.
   */
  async saturate(side: Side, ms: number, window: number): Promise<Sent> {
    const tally = new Tally<Bid>(side);
    const end = performance.now() + ms;
    const lanes = this.#lots.flatMap((_, lot) => {
      const next = inTurn(
        this.#prepared.filter((bid) => bid.lot === lot),
        side !== 'house',
      );
      return Array.from({ length: window }, async () => {
        for (let bid = next(); bid !== undefined && performance.now() < end; bid = next())
          await this.#send(bid, side, performance.now(), tally);
      });
    });
    await inTime(lanes);
    return this.#finish(tally);
  }

  /** Bids leave when their moment has come, whatever is under way. */
  async arrive(side: Side, moments: readonly number[]): Promise<Sent> {
    const tally = new Tally<Bid>(side);
    const next = inTurn(this.#prepared, side !== 'house');
    const under: Promise<void>[] = [];
    const began = performance.now();
    for (const moment of moments) {
      const bid = next();
      if (bid === undefined) break;
      await until(began + moment);
      under.push(this.#send(bid, side, began + moment, tally));
    }
    await inTime(under);
    return this.#finish(tally);
  }

  #send(bid: Bid, side: Side, intendedAt: number, tally: Tally<Bid>): Promise<void> {
    const wire = this.#wires[side][bid.bidder] as Wire;
    tally.leave(performance.now() - intendedAt);
    return new Promise((resolve, fail) => {
      const take = (answer: string) => {
        tally.take(bid, answer, performance.now() - intendedAt);
        resolve();
      };
      wire.send(bid.frame, { take, fail });
    });
  }

  async #sign(): Promise<Omit<Bid, 'frame'>> {
    const number = this.#bids;
    this.#bids += 1;
    const round = Math.floor(number / this.#lots.length);
    const lot = number % this.#lots.length;
    const bidder = (number + round) % this.#bidders.length;
    const signed = await this.#bidder({ bidder }).sign({ type: 'bid', ...(this.#lots[lot] as Lot), amount: round + 1 });
    return { lot, bidder, signed };
  }

  /** What has to be true of every turn: everybody has heard of every bid, and receipts hold. */
  async #finish(tally: Tally<Bid>): Promise<Sent> {
    const sent = tally.result();
    const { position, samples } = tally;
    const limit = performance.now() + ANNOUNCED_LIMIT_MS;
    while (this.#wires.house.some(({ announced }) => announced < position)) {
      if (performance.now() > limit) throw new Error(`position ${position} was not announced to everybody`);
      await pause(ANNOUNCEMENT_TICK_MS);
    }
    for (const { bid, answer } of samples) await this.#bidder(bid).verify(bid.signed, answer);
    return { ...sent, verified: samples.length };
  }

  #bidder({ bidder }: Pick<Bid, 'bidder'>): Bidder {
    return this.#bidders[bidder] as Bidder;
  }
}

/** A server that does not answer is no figure. */
async function inTime(answers: readonly Promise<void>[]): Promise<void> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(new Error('answers are missing')), ANSWERS_LIMIT_MS);
  await Promise.race([Promise.all(answers), limit.promise]);
  clearTimeout(timer);
}

/** One after another; `isEndless`: and then from the beginning. */
function inTurn(bids: readonly Bid[], isEndless: boolean): () => Bid | undefined {
  let next = 0;
  return () => {
    const bid = bids[next];
    next += 1;
    if (isEndless && next === bids.length) next = 0;
    return bid;
  };
}

async function list(seller: Bidder, number: number): Promise<Lot> {
  const terms = lotTerms(number);
  const lot = randomUUID();
  const frame = await seller.prepare(await seller.sign({ type: 'list', id: lot, ...terms }));
  const answer = await seller.wire.exchange(frame);
  const [{ outcome }] = JSON.parse(answer) as [CommandAnswer];
  if (outcome !== 'accepted') throw new Error(`not listed: ${answer}`);
  return { lot, terms: digestOfTerms(terms) };
}
