/** People in one house: they list, bid as fast or as steadily as they are told, and hear what closes. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { OpenedAccess } from '../../client/open-access.ts';
import { digestOfTerms } from '../../shared/crypto/digest.ts';
import type { CommandAnswer } from '../../shared/wire/commands.ts';
import { lotTerms } from '../commands/lot-terms.ts';
import { machineNow } from '../machine-now.ts';
import { Bidder, type SignedCommand } from '../pipeline/bidder.ts';
import type { Answered, Bids, BidsThrough, FirstBid } from './messages.ts';

/** Commands that are under way at once while the lots are listed. */
const LISTING_AT_ONCE = 32;
/** On a machine that is busy with other things a stamp can grow too old on its way. */
const ATTEMPTS = 5;
/** The same while bids are stamped and sealed beforehand. */
const SEALING_AT_ONCE = 64;
/** Between two attempts to get into a house that is not there yet. */
const ATTEMPT_MS = 20;
/** When a house is given up that lets nobody in, or closes nothing. */
const LIMIT_MS = 120_000;
/** How news of closings begin. */
const CLOSED = '2["item_closed",';

interface ListedLot {
  readonly lot: string;
  /** Which of us may not bid on it. */
  readonly seller: number;
  readonly terms: string;
  /** What was bid on it last. */
  amount: number;
}

interface Signed {
  readonly by: Bidder;
  readonly command: SignedCommand;
}

interface Sealed {
  readonly by: Bidder;
  readonly frame: string;
}

export class Hall {
  readonly #people: readonly OpenedAccess[];
  #bidders: readonly Bidder[] = [];
  #lots: ListedLot[] = [];
  #turn = 0;
  readonly #closings: number[] = [];

  constructor(people: readonly OpenedAccess[]) {
    this.#people = people;
  }

  /** Everybody, anew if they are in already: after a journey in time old sessions are over. */
  async enter(url: string, since?: number): Promise<void> {
    for (const { wire } of this.#bidders) wire.close();
    const bidders: Bidder[] = [];
    // One of them takes notes; the others hear it too.
    for (const person of this.#people) {
      const notes = bidders.length === 0 ? { onEvent: (packet: string) => this.#hear(packet) } : {};
      bidders.push(await Bidder.enter(person, url, { since, ...notes }));
    }
    this.#bidders = bidders;
  }

  async list(count: number, closesAt: number, bidOn: number): Promise<void> {
    const numbers = Array.from({ length: count }, (_, number) => number);
    const lots: ListedLot[] = [];
    await eachOf(numbers, LISTING_AT_ONCE, async (number) => {
      const terms = lotTerms(number, closesAt);
      const lot = randomUUID();
      const seller = this.#next();
      await insist(async () =>
        reasonOf(await send(this.#bidders[seller] as Bidder, { type: 'list', id: lot, ...terms })),
      );
      lots.push({ lot, seller, terms: digestOfTerms(terms), amount: 0 });
    });
    this.#lots = lots;
    await eachOf(lots.slice(0, bidOn), LISTING_AT_ONCE, async (lot) => {
      await insist(async () => (await this.#bidOn(lot)).no);
    });
  }

  /** So many bids, made beforehand, on each lot in turn. The next one leaves when one of `underWay` is answered. */
  async bid(count: number, underWay: number): Promise<Bids> {
    const signed: Signed[] = [];
    for (let made = 0; made < count; made += 1) signed.push(await this.#sign(this.#lotOf(made)));
    // Signatures first: they do not grow old, stamps do.
    const prepared: Sealed[] = [];
    await eachOf([...signed.entries()], SEALING_AT_ONCE, async ([place, one]) => {
      prepared[place] = await seal(one);
    });
    const answered: Answered[] = [];
    const began = performance.now();
    await eachOf(prepared, underWay, async (bid) => {
      answered.push(await this.#send(bid));
    });
    return { answered, elapsedMs: performance.now() - began };
  }

  /** Bids at a steady pace, whatever becomes of them, until `afterMs` after so many lots have closed. */
  async bidThrough(perSecond: number, closings: number, afterMs: number): Promise<BidsThrough> {
    const [answered, running]: [Answered[], Promise<unknown>[]] = [[], []];
    const before = process.cpuUsage();
    const began = performance.now();
    let next = began;
    for (let made = 0; !this.#isOver(closings, afterMs); made += 1) {
      if (next - began > LIMIT_MS) throw new Error(`${this.#closings.length} of ${closings} lots have closed`);
      next += 1_000 / perSecond;
      await pause(Math.max(0, next - performance.now()));
      running.push(this.#bidOn(this.#lotOf(made)).then((one) => answered.push(one)));
    }
    await Promise.all(running);
    const { user, system } = process.cpuUsage(before);
    const [firstClosedAt, lastClosedAt] = [this.#closings[0] as number, this.#closings[closings - 1] as number];
    const busyShare = (user + system) / 1_000 / (performance.now() - began);
    return { answered, firstClosedAt, lastClosedAt, busyShare, aheadMs: this.#now() - Date.now() };
  }

  /** Tries until the house lets us in, and bids on a lot of an earlier visit. */
  async firstBid(url: string): Promise<FirstBid> {
    const on = this.#lotOf(0);
    const bidder = this.#people[this.#bidderFor(on)] as OpenedAccess;
    const { no } = await this.#send(await seal(await this.#sign(on, await untilLetIn(bidder, url))));
    if (no !== undefined) throw new Error(`the first bid was not accepted: ${no}`);
    return { answeredAt: machineNow() };
  }

  #now(): number {
    return (this.#people[0] as OpenedAccess).api.clock.now();
  }

  #hear(packet: string): void {
    if (!packet.startsWith(CLOSED)) return;
    const at = this.#now();
    const [, closed] = JSON.parse(packet.slice(1)) as [string, unknown[]];
    for (const _ of closed) this.#closings.push(at);
  }

  #isOver(closings: number, afterMs: number): boolean {
    const last = this.#closings[closings - 1];
    return last !== undefined && this.#now() > last + afterMs;
  }

  #next(): number {
    this.#turn += 1;
    return this.#turn % this.#people.length;
  }

  #bidderFor({ seller }: ListedLot): number {
    const next = this.#next();
    return next === seller ? this.#next() : next;
  }

  #lotOf(turn: number): ListedLot {
    return this.#lots[turn % this.#lots.length] as ListedLot;
  }

  async #bidOn(on: ListedLot): Promise<Answered> {
    return this.#send(await seal(await this.#sign(on)));
  }

  /** A bid higher than the last one; if nobody is named, by whoever is next. */
  async #sign(on: ListedLot, by: Bidder = this.#bidders[this.#bidderFor(on)] as Bidder): Promise<Signed> {
    on.amount += 1;
    const { lot, terms, amount } = on;
    return { by, command: await by.sign({ type: 'bid', lot, terms, amount }) };
  }

  /** The clock runs while the bid is with the house, and no longer. */
  async #send({ by, frame }: Sealed): Promise<Answered> {
    const [sentAt, began] = [this.#now(), performance.now()];
    const text = await by.wire.exchange(frame);
    const ms = performance.now() - began;
    const no = reasonOf(answerIn(text));
    return { sentAt, ms, ...(no !== undefined && { no }) };
  }
}

async function seal({ by, command }: Signed): Promise<Sealed> {
  return { by, frame: await by.prepare(command) };
}

async function send(by: Bidder, claims: object): Promise<CommandAnswer> {
  return answerIn(await by.wire.exchange(await by.prepare(await by.sign(claims))));
}

function answerIn(text: string): CommandAnswer {
  return (JSON.parse(text) as [CommandAnswer])[0];
}

function reasonOf(answer: CommandAnswer): string | undefined {
  if (answer.outcome === 'accepted') return undefined;
  return answer.outcome === 'rejected' ? answer.reason : answer.code;
}

async function untilLetIn(person: OpenedAccess, url: string): Promise<Bidder> {
  let closed: unknown;
  for (const until = performance.now() + LIMIT_MS; performance.now() < until; ) {
    try {
      return await Bidder.enter(person, url);
    } catch (error) {
      closed = error;
      await pause(ATTEMPT_MS);
    }
  }
  throw new Error('the house lets nobody in', { cause: closed });
}

/** Makes the command anew until it is accepted; `attempt` resolves with why it was not. */
async function insist(attempt: () => Promise<string | undefined>): Promise<void> {
  let no: string | undefined;
  for (let attempts = 0; attempts < ATTEMPTS; attempts += 1) {
    no = await attempt();
    if (no === undefined) return;
  }
  throw new Error(`not accepted: ${no}`);
}

/** Does it for each, so many at once, in their order. */
async function eachOf<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const lanes = Array.from({ length: atOnce }, async () => {
    for (const item of left) await work(item);
  });
  await Promise.all(lanes);
}
