/** One house with all bidders in it: makes their commands beforehand, sends them, and listens at every node. */
import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { OpenedAccess } from '../../client/open-access.ts';
import type { SignedStatement } from '../../client/sealing/seal-command.ts';
import { digestOfTerms } from '../../shared/crypto/digest.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { CommandAnswer } from '../../shared/wire/commands.ts';
import { ANNOUNCEMENT_TICK_MS, TIMESTAMP_MAX_AGE_MS } from '../../shared/wire/limits.ts';
import type { SealedCommand } from '../../shared/wire/socket-events.ts';
import { Guest } from './guest.ts';
import { Heard } from './heard.ts';
import { lotTerms } from './lot-terms.ts';
import type { Bidding } from './messages.ts';

const LONGEST_PAUSE_MS = 3 * ANNOUNCEMENT_TICK_MS;

/** A stamp is good for three seconds. One that waited for so long is made anew before the bid leaves. */
const GROWN_OLD_MS = TIMESTAMP_MAX_AGE_MS / 2;

/** A bid that is ready to leave. */
interface Prepared {
  readonly guest: Guest;
  readonly statement: SignedStatement;
  readonly sealed: SealedCommand;
  readonly stampedAt: number;
}

interface Answered {
  /** Its stamp had grown old, and was made anew while the clock ran. */
  readonly isAnew: boolean;
  readonly answer: CommandAnswer;
  readonly node: number;
  readonly sentAt: number;
  readonly answeredAt: number;
}

export class CrowdedHouse {
  /** What is heard at each node, by one who is there. */
  readonly heard: readonly Heard[];
  readonly #seller: Guest;
  readonly #bidders: readonly Guest[];
  readonly lots: { readonly lot: string; readonly terms: string }[] = [];
  #bids = 0;

  private constructor([seller, ...bidders]: readonly Guest[], heard: readonly Heard[]) {
    this.#seller = seller as Guest;
    this.#bidders = bidders;
    this.heard = heard;
  }

  static async join(everybody: readonly OpenedAccess[], urls: readonly string[]): Promise<CrowdedHouse> {
    const heard = urls.map(() => new Heard());
    const guests: Guest[] = [];
    for (const [index, opened] of everybody.entries()) {
      const node = index % urls.length;
      // One of each node takes notes; the others hear it too.
      guests.push(await Guest.enter(opened, node, urls[node] as string, index < urls.length ? heard[node] : undefined));
    }
    return new CrowdedHouse(guests, heard);
  }

  async list(count: number): Promise<void> {
    for (let made = 0; made < count; made += 1) {
      const terms = lotTerms(made);
      const lot = randomUUID();
      const signed = await this.#seller.sign({ type: 'list', id: lot, ...terms });
      const answer = await this.#seller.send(await this.#seller.stampAndSeal(signed));
      if (answer.outcome !== 'accepted') throw new Error(`not listed: ${JSON.stringify(answer)}`);
      this.lots.push({ lot, terms: digestOfTerms(terms) });
    }
  }

  /**
   * Bids on all lots at once. On each lot the next one leaves when the last one is answered: two under way on one lot may
   * overtake each other, and the rules then refuse the lower one. Whoever is next bids, at whichever node he is.
   */
  async bid(count: number): Promise<Bidding> {
    // Signatures first: they do not grow old, stamps do.
    const signed: { guest: Guest; statement: SignedStatement }[] = [];
    for (let made = 0; made < count; made += 1) signed.push(await this.#signBid());
    const prepared = await Promise.all(signed.map(({ guest, statement }) => prepare(guest, statement)));
    const lanes = this.lots.map((_, lane) => prepared.filter((_, index) => index % this.lots.length === lane));
    const before = process.cpuUsage();
    const began = performance.now();
    const answered = (await Promise.all(lanes.map(sendInTurn))).flat();
    const elapsedMs = performance.now() - began;
    const { user, system } = process.cpuUsage(before);
    return { elapsedMs, busyShare: (user + system) / 1_000 / elapsedMs, ...(await this.#tally(answered)) };
  }

  /** A bid every so often, on one lot after another, and on none before the last one on it is answered. */
  async bidSteadily(everyMs: number, forMs: number): Promise<Bidding> {
    const answered: Answered[] = [];
    const busy = new Map<number, Promise<void>>();
    const began = performance.now();
    for (let count = 0; performance.now() - began < forMs; count += 1) {
      await pause(Math.max(0, began + count * everyMs - performance.now()));
      const lane = this.#bids % this.lots.length;
      if (busy.has(lane)) continue;
      const { guest, statement } = await this.#signBid();
      const bid = prepare(guest, statement).then(async (prepared) => {
        answered.push(...(await sendInTurn([prepared]).catch(unlessTooLate)));
      });
      busy.set(
        lane,
        bid.finally(() => busy.delete(lane)),
      );
    }
    await Promise.all(busy.values());
    return { elapsedMs: performance.now() - began, busyShare: Number.NaN, ...(await this.#tally(answered)) };
  }

  /** One bid after another, each after a pause of some length: it keeps no step with the ticks of a node. */
  async bidAlone(count: number): Promise<Bidding> {
    const answered: Answered[] = [];
    for (let made = 0; made < count; made += 1) {
      const { guest, statement } = await this.#signBid();
      await pause(randomInt(LONGEST_PAUSE_MS));
      answered.push(...(await sendInTurn([await prepare(guest, statement)])));
    }
    return { elapsedMs: Number.NaN, busyShare: Number.NaN, ...(await this.#tally(answered)) };
  }

  async #signBid(): Promise<{ guest: Guest; statement: SignedStatement }> {
    const number = this.#bids;
    this.#bids += 1;
    const round = Math.floor(number / this.lots.length);
    const guest = this.#bidders[(number + round) % this.#bidders.length] as Guest;
    const on = this.lots[number % this.lots.length];
    return { guest, statement: await guest.sign({ type: 'bid', ...on, amount: round + 1 }) };
  }

  async #tally(answered: readonly Answered[]): Promise<Omit<Bidding, 'elapsedMs' | 'busyShare'>> {
    const others: Record<string, number> = {};
    const [announcedMs, announcedHereMs, answeredMs]: [number[], number[], number[]] = [[], [], []];
    const nodes = this.heard.length;
    for (const { answer, node, sentAt, answeredAt } of answered) {
      if (answer.outcome === 'accepted') {
        const [here, next] = [this.heard[node], this.heard[(node + 1) % nodes]] as [Heard, Heard];
        answeredMs.push(answeredAt - sentAt);
        announcedHereMs.push((await here.when(answer.position)) - sentAt);
        announcedMs.push((await next.when(answer.position)) - sentAt);
      } else {
        const why = answer.outcome === 'rejected' ? answer.reason : answer.code;
        others[why] = (others[why] ?? 0) + 1;
      }
    }
    for (const one of this.heard) one.clear();
    const stampedAnew = answered.filter(({ isAnew }) => isAnew).length;
    return { accepted: answeredMs.length, stampedAnew, others, announcedMs, announcedHereMs, answeredMs };
  }
}

async function prepare(guest: Guest, statement: SignedStatement): Promise<Prepared> {
  const stampedAt = performance.now();
  return { guest, statement, stampedAt, sealed: await guest.stampAndSeal(statement) };
}

async function freshened(prepared: Prepared): Promise<Prepared & { readonly isAnew: boolean }> {
  const { guest, statement, stampedAt } = prepared;
  if (performance.now() - stampedAt < GROWN_OLD_MS) return { ...prepared, isAnew: false };
  return { ...(await prepare(guest, statement)), isAnew: true };
}

/** A machine that has too much to do is late with answers; here nobody waits for one. */
function unlessTooLate(error: unknown): [] {
  if (error instanceof ProtocolError && error.code === 'outcome-unknown') return [];
  throw error;
}

/** The next one leaves when the last one is answered. */
async function sendInTurn(prepared: readonly Prepared[]): Promise<Answered[]> {
  const answered: Answered[] = [];
  for (const one of prepared) {
    const { guest, sealed, isAnew } = await freshened(one);
    const sentAt = performance.now();
    const answer = await guest.send(sealed);
    answered.push({ answer, isAnew, node: guest.node, sentAt, answeredAt: performance.now() });
  }
  return answered;
}
