/** One house with all bidders in it: makes their commands beforehand, sends them, and listens at every node. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DmsSession } from '../../client/connection/dms-session.ts';
import type { OpenedAccess } from '../../client/open-access.ts';
import { type SignedStatement, signStatement } from '../../client/sealing/seal-command.ts';
import { encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { digestOfTerms } from '../../shared/crypto/digest.ts';
import { sealTo } from '../../shared/crypto/ecies.ts';
import { type CommandAnswer, CommandStatement, LotTerms } from '../../shared/wire/commands.ts';
import type { SealedCommand } from '../../shared/wire/socket-events.ts';
import type { Bidding } from './messages.ts';

const HOUR_MS = 3_600_000;
const ANNOUNCED_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 20;

/** A participant in the house. */
interface Guest {
  readonly opened: OpenedAccess;
  readonly session: DmsSession;
  /** The node that the session is with. */
  readonly node: number;
}

interface Prepared {
  readonly guest: Guest;
  readonly sealed: SealedCommand;
}

interface Answered {
  readonly answer: CommandAnswer;
  readonly node: number;
  readonly sentAt: number;
  readonly answeredAt: number;
}

export class CrowdedHouse {
  /** The first one sells, the others bid. */
  readonly #guests: readonly Guest[];
  /** When each position was announced, for each node to one who is there. */
  readonly #heard: readonly Map<number, number>[];
  readonly #lots: { readonly lot: string; readonly terms: string }[] = [];
  #bids = 0;

  private constructor(guests: readonly Guest[], heard: readonly Map<number, number>[]) {
    this.#guests = guests;
    this.#heard = heard;
  }

  static async join(everybody: readonly OpenedAccess[], urls: readonly string[]): Promise<CrowdedHouse> {
    const heard = urls.map(() => new Map<number, number>());
    const guests: Guest[] = [];
    for (const [index, opened] of everybody.entries()) {
      const node = index % urls.length;
      // One of each node takes notes; the others hear it too.
      const notes = index < urls.length ? heard[node] : undefined;
      guests.push({ opened, node, session: await enter(opened, urls[node] as string, notes) });
    }
    return new CrowdedHouse(guests, heard);
  }

  async list(count: number): Promise<void> {
    const [seller] = this.#guests as [Guest];
    for (let made = 0; made < count; made += 1) {
      const closesAt = Math.floor(Date.now() + HOUR_MS);
      const terms = LotTerms.parse({ title: `Lot ${made}`, currency: 'EUR', startingPrice: 1, increment: 1, closesAt });
      const lot = randomUUID();
      const prepared = await this.#seal(seller, await this.#sign(seller, { type: 'list', id: lot, ...terms }));
      const answer = await seller.session.command(prepared.sealed);
      if (answer.outcome !== 'accepted') throw new Error(`not listed: ${JSON.stringify(answer)}`);
      this.#lots.push({ lot, terms: digestOfTerms(terms) });
    }
  }

  /** Bids that rise, on all lots in turns, so many at once. */
  async bid(count: number, atOnce: number): Promise<Bidding> {
    const signed: { guest: Guest; statement: SignedStatement }[] = [];
    for (let made = 0; made < count; made += 1) signed.push(await this.#signBid());
    // A stamp is good for three seconds: those of one go are made at once, and used at once.
    const prepared = await Promise.all(signed.map(({ guest, statement }) => this.#seal(guest, statement)));
    const before = process.cpuUsage();
    const began = performance.now();
    const answered = await sendAll(prepared, atOnce);
    const elapsedMs = performance.now() - began;
    const { user, system } = process.cpuUsage(before);
    const busyShare = (user + system) / 1_000 / elapsedMs;
    return { elapsedMs, busyShare, ...(await this.#tally(answered)) };
  }

  async #signBid(): Promise<{ guest: Guest; statement: SignedStatement }> {
    const number = this.#bids;
    this.#bids += 1;
    const guest = this.#guests[1 + (number % (this.#guests.length - 1))] as Guest;
    const on = this.#lots[number % this.#lots.length];
    const statement = await this.#sign(guest, { type: 'bid', id: randomUUID(), ...on, amount: number + 1 });
    return { guest, statement };
  }

  #sign({ opened, session }: Guest, claims: object): Promise<SignedStatement> {
    const statement = CommandStatement.parse({ v: 1, aud: session.house, ...claims });
    return signStatement(opened.access.signer, statement);
  }

  /** With the platform's cryptography, which is faster than the client's own and gives the same bytes. */
  async #seal(guest: Guest, { statement, imprint }: SignedStatement): Promise<Prepared> {
    const timestamp = await guest.opened.api.http.timestamp(imprint);
    const envelope = utf8.encode(JSON.stringify({ statement, timestamp }));
    return { guest, sealed: encodeBase64url(await sealTo(guest.session.sealingKey, envelope)) as SealedCommand };
  }

  async #tally(answered: readonly Answered[]): Promise<Omit<Bidding, 'elapsedMs' | 'busyShare'>> {
    const others: Record<string, number> = {};
    const [announcedMs, announcedHereMs, answeredMs]: [number[], number[], number[]] = [[], [], []];
    for (const { answer, node, sentAt, answeredAt } of answered) {
      if (answer.outcome === 'accepted') {
        answeredMs.push(answeredAt - sentAt);
        announcedHereMs.push((await this.#whenHeard(node, answer.position)) - answeredAt);
        announcedMs.push((await this.#whenHeard((node + 1) % this.#heard.length, answer.position)) - answeredAt);
      } else {
        const why = answer.outcome === 'rejected' ? answer.reason : answer.code;
        others[why] = (others[why] ?? 0) + 1;
      }
    }
    for (const notes of this.#heard) notes.clear();
    return { accepted: answeredMs.length, others, announcedMs, announcedHereMs, answeredMs };
  }

  async #whenHeard(node: number, position: number): Promise<number> {
    for (const limit = performance.now() + ANNOUNCED_LIMIT_MS; ; await pause(LOOK_EVERY_MS)) {
      const at = this.#heard[node]?.get(position);
      if (at !== undefined) return at;
      if (performance.now() > limit) throw new Error(`position ${position} was not announced`);
    }
  }
}

async function enter({ api, access }: OpenedAccess, url: string, notes?: Map<number, number>): Promise<DmsSession> {
  await api.syncTime();
  const context = {
    root: api.root,
    revocations: api.revocations.bind(api),
    at: api.clock.now(),
  };
  const ignored = () => undefined;
  return DmsSession.open(
    { url, auth: await access.fresh(), signer: access.signer, context },
    {
      announcements: (list) => {
        const at = performance.now();
        for (const { position } of list) notes?.set(position, at);
      },
      checkpoints: ignored,
      notices: ignored,
    },
  );
}

/** In their order: the next one leaves when one of those under way is answered. */
async function sendAll(prepared: readonly Prepared[], atOnce: number): Promise<Answered[]> {
  const answered: Answered[] = [];
  const queue = prepared.values();
  const work = async () => {
    for (const { guest, sealed } of queue) {
      const sentAt = performance.now();
      const answer = await guest.session.command(sealed);
      answered.push({ answer, node: guest.node, sentAt, answeredAt: performance.now() });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return answered;
}
