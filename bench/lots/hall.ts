/** People in one house: they list, bid as fast or as steadily as they are told, and hear what closes. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { OpenedAccess } from '../../client/open-access.ts';
import type { SignedStatement } from '../../client/sealing/seal-command.ts';
import { digestOfTerms } from '../../shared/crypto/digest.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Announcement } from '../../shared/wire/announcements.ts';
import type { CommandAnswer } from '../../shared/wire/commands.ts';
import type { SealedCommand } from '../../shared/wire/socket-events.ts';
import type { Position } from '../../shared/wire/vocabulary.ts';
import { Guest } from '../commands/guest.ts';
import { lotTerms } from '../commands/lot-terms.ts';
import { machineNow } from '../machine-now.ts';
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

interface ListedLot {
  readonly lot: string;
  /** Which of us may not bid on it. */
  readonly seller: number;
  readonly terms: string;
  /** What was bid on it last. */
  amount: number;
}

interface Signed {
  readonly guest: Guest;
  readonly statement: SignedStatement;
}

interface Sealed {
  readonly guest: Guest;
  readonly sealed: SealedCommand;
}

export class Hall {
  readonly #people: readonly OpenedAccess[];
  #guests: readonly Guest[] = [];
  #lots: ListedLot[] = [];
  #turn = 0;
  readonly #closings: number[] = [];

  constructor(people: readonly OpenedAccess[]) {
    this.#people = people;
  }

  /** Everybody, anew if they are in already: after a journey in time old sessions are over. */
  async enter(url: string, since?: Position): Promise<void> {
    for (const guest of this.#guests) guest.leave();
    for (const { api } of this.#people) await api.syncTime();
    const heard = { note: (list: readonly { readonly position: number }[]) => this.#hear(list as Announcement[]) };
    const guests: Guest[] = [];
    // One of them takes notes; the others hear it too.
    for (const person of this.#people)
      guests.push(await Guest.enter(person, 0, url, guests.length === 0 ? heard : undefined, since));
    this.#guests = guests;
  }

  async list(count: number, closesAt: number, bidOn: number): Promise<void> {
    const numbers = Array.from({ length: count }, (_, number) => number);
    const lots: ListedLot[] = [];
    await eachOf(numbers, LISTING_AT_ONCE, async (number) => {
      const terms = lotTerms(number, closesAt);
      const lot = randomUUID();
      const seller = this.#next();
      await insist(async () =>
        reasonOf(await send(this.#guests[seller] as Guest, { type: 'list', id: lot, ...terms })),
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
    for (const until = performance.now() + LIMIT_MS; performance.now() < until; ) {
      try {
        const guest = await Guest.enter(bidder, 0, url, undefined);
        const { no } = await this.#send(await seal(await this.#sign(on, guest)));
        if (no !== undefined) throw new Error(`the first bid was not accepted: ${no}`);
        return { answeredAt: machineNow() };
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        await pause(ATTEMPT_MS);
      }
    }
    throw new Error('the house lets nobody in');
  }

  #now(): number {
    return (this.#people[0] as OpenedAccess).api.clock.now();
  }

  #hear(list: readonly Announcement[]): void {
    const at = this.#now();
    for (const { event } of list) if (event === 'item_closed') this.#closings.push(at);
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
  async #sign(on: ListedLot, guest: Guest = this.#guests[this.#bidderFor(on)] as Guest): Promise<Signed> {
    on.amount += 1;
    const { lot, terms, amount } = on;
    return { guest, statement: await guest.sign({ type: 'bid', lot, terms, amount }) };
  }

  /** The clock runs while the bid is with the house, and no longer. */
  async #send({ guest, sealed }: Sealed): Promise<Answered> {
    const [sentAt, began] = [this.#now(), performance.now()];
    const no = await guest.send(sealed).then(reasonOf, codeOf);
    return { sentAt, ms: performance.now() - began, ...(no !== undefined && { no }) };
  }
}

async function seal({ guest, statement }: Signed): Promise<Sealed> {
  return { guest, sealed: await guest.stampAndSeal(statement) };
}

async function send(guest: Guest, claims: object): Promise<CommandAnswer> {
  return guest.send(await guest.stampAndSeal(await guest.sign(claims)));
}

function reasonOf(answer: CommandAnswer): string | undefined {
  if (answer.outcome === 'accepted') return undefined;
  return answer.outcome === 'rejected' ? answer.reason : answer.code;
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

/** Of a bid to which no answer came. */
function codeOf(error: unknown): string {
  if (error instanceof ProtocolError) return error.code;
  throw error;
}

/** Does it for each, so many at once, in their order. */
async function eachOf<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const lanes = Array.from({ length: atOnce }, async () => {
    for (const item of left) await work(item);
  });
  await Promise.all(lanes);
}
