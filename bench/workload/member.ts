/** A participant of the bench: in the house on a connection that costs little, with commands that are signed, stamped and sealed when they are due. */
import { randomUUID } from 'node:crypto';
import { untilItSucceeds } from '../../client/connection/back-off.ts';
import type { KeyStore } from '../../client/identity/key-store.ts';
import { NoticeDesk, type Sale } from '../../client/notice-desk.ts';
import type { OpenedAccess } from '../../client/open-access.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { AuctionClosed } from '../../shared/wire/announcements.ts';
import type { CommandAnswer } from '../../shared/wire/commands.ts';
import type { LotsAnswer } from '../../shared/wire/socket-events.ts';
import { enrol } from '../commands/enrol-all.ts';
import { Bidder } from '../pipeline/bidder.ts';
import { frameOf, type Wire } from '../pipeline/wire.ts';
import type { FullOrder, Place } from './messages.ts';
import { type Answered, type Note, nameOf, type Who } from './notes.ts';
import type { Outcome } from './orders.ts';

export interface MemberParts extends Place {
  readonly who: Who;
  readonly note: (note: Note) => void;
  /** Everything up to `to` was told; up to `from` it had been before. */
  readonly onTold: (from: number, to: number) => void;
  /** Each event as it came. */
  readonly onEvent?: (packet: string) => void;
  readonly onNotice: (notice: AuctionClosed, member: Member) => void;
  /** The house ended the session. */
  readonly onEnd: (reason: string, member: Member) => void;
}

const ENROL_LIMIT_MS = 600_000;
const ENTER_LIMIT_MS = 120_000;
/** Between two attempts to enter. */
const MAX_DELAY_MS = 1_000;
/** What has not answered by then never will. */
const ANSWER_LIMIT_MS = 60_000;
/** So many connections may come from one address; further ones come from others of this machine. */
const PER_ADDRESS = 100;
/** How the answer to a question begins, and what a page has that is not the last. */
const GRANTED = '[{"outcome":"accepted",';
const MORE = '"more":true';
const NOTICES = '2["auction_closed",';
/** The front of an announcement's packet is that of an array with its name. */
const FRONT = 1;

export class Member {
  readonly #parts: MemberParts;
  readonly #opened: OpenedAccess;
  readonly #desk: NoticeDesk;
  readonly #leaving = new AbortController();
  readonly #under = new Set<Promise<unknown>>();
  #bidder: Bidder | undefined;
  #told = 0;
  /** The trusted time of the last entrance; in the far future for who is not quite there. */
  enteredAt: number = Number.MAX_SAFE_INTEGER;

  private constructor(parts: MemberParts, opened: OpenedAccess, store: KeyStore) {
    this.#parts = parts;
    this.#opened = opened;
    this.#desk = new NoticeDesk({
      ...{ api: opened.api, access: opened.access, store, signal: this.#leaving.signal },
      link: { session: async () => ({ acknowledge: (lot) => this.#acknowledge(lot) }) },
      onSale: (sale) => this.#parts.note({ note: 'sale', who: parts.who, ...told(sale) }),
      onTrouble: (error) => this.#trouble(error),
    });
  }

  /** Enrols a new home. */
  static async enrol(parts: MemberParts): Promise<Member> {
    const { store, opened } = await enrol(parts, nameOf(parts.who), ENROL_LIMIT_MS);
    return new Member(parts, opened, store);
  }

  get who(): Who {
    return this.#parts.who;
  }

  /** The trusted time. */
  now(): number {
    return this.#opened.api.clock.now();
  }

  /** How far everything was told; `undefined` where this one is not there. */
  get announced(): number | undefined {
    return this.#bidder?.wire.announced;
  }

  /** Tries again where the house has too much to do to let anybody in. Throws where it has for minutes: such a house is broken. */
  async enter(): Promise<void> {
    this.enteredAt = Number.MAX_SAFE_INTEGER;
    const signal = AbortSignal.timeout(ENTER_LIMIT_MS);
    try {
      await untilItSucceeds(() => this.#enter(), { passes: () => true, signal, maxDelayMs: MAX_DELAY_MS });
    } catch (cause) {
      throw new Error(`participant ${this.who} found no way in for ${ENTER_LIMIT_MS / 1_000} s`, { cause });
    }
  }

  async #enter(): Promise<void> {
    const { who, houseUrl } = this.#parts;
    const group = Math.floor(who / PER_ADDRESS);
    const bidder = await Bidder.enter(this.#opened, houseUrl, {
      since: this.#told === 0 ? undefined : this.#told,
      from: group === 0 ? undefined : `127.6.${group >> 7}.${(group & 127) + 1}`,
      onEvent: (packet, wire) => this.#hear(packet, wire),
      onEnd: (reason, wire) => this.#end(reason, wire),
    });
    this.#told = bidder.wire.announced;
    this.enteredAt = this.now();
    this.#bidder = bidder;
  }

  /** When everything that was asked is answered. */
  async leave(): Promise<void> {
    const bidder = this.#bidder;
    this.#bidder = undefined;
    await Promise.all(this.#under);
    if (bidder !== undefined) this.#told = bidder.wire.announced;
    bidder?.wire.close();
  }

  /** Where the session would end soon, it is extended. */
  async stay(): Promise<void> {
    if (!this.#opened.access.isDue) return;
    // Who goes away meanwhile comes with a fresh token, and so does who was thrown out because this failed.
    await this.#bidder?.renew().catch(() => undefined);
  }

  async do(order: FullOrder): Promise<Outcome> {
    const bidder = this.#bidder;
    if (bidder === undefined) return { outcome: 'absent' };
    const done =
      order.kind === 'bid' || order.kind === 'list' ? this.#command(bidder, order) : look(bidder, order.kind);
    this.#under.add(done);
    return done.finally(() => this.#under.delete(done));
  }

  async #command(bidder: Bidder, order: Extract<FullOrder, { readonly kind: 'bid' | 'list' }>): Promise<Outcome> {
    const { who, note } = this.#parts;
    const id = randomUUID();
    const { kind, terms } = order;
    const about = kind === 'bid' ? { lot: order.lot, amount: order.amount } : { lot: id as string };
    note({ note: 'asked', who, id, ...about });
    const claims = kind === 'bid' ? { type: kind, id, ...about, terms } : { type: kind, id, ...order.terms };
    const outcome = await send(bidder, claims);
    note({ note: 'answered', who, id, ...outcome });
    return { ...outcome, lot: about.lot };
  }

  #hear(packet: string, wire: Wire): void {
    this.#parts.onEvent?.(packet);
    if (packet.startsWith(NOTICES)) {
      const [, notices] = JSON.parse(packet.slice(FRONT)) as [string, AuctionClosed[]];
      for (const notice of notices) this.#parts.onNotice(notice, this);
      this.#desk.take(notices);
    }
    // Who is still coming, or about to go, is not waited for.
    if (this.#bidder?.wire !== wire || wire.announced === this.#told) return;
    this.#parts.onTold(this.#told, wire.announced);
    this.#told = wire.announced;
  }

  async #acknowledge(lot: string): Promise<void> {
    // Who is away acknowledges when the notice comes again.
    if (this.#bidder !== undefined) await this.#bidder.wire.ask('acknowledge', { lot }).catch(() => undefined);
  }

  #end(reason: string, wire: Wire): void {
    if (this.#bidder?.wire !== wire) return;
    this.#bidder = undefined;
    this.#parts.onEnd(reason, this);
  }

  #trouble(error: unknown): void {
    const { who, note } = this.#parts;
    const code = error instanceof ProtocolError ? error.code : 'error';
    note({ note: 'trouble', who, code, text: String((error as Error).stack ?? error) });
  }
}

async function look({ wire }: Bidder, kind: 'allitems' | 'myitems'): Promise<Outcome> {
  for (let after: number | undefined; ; ) {
    const asked = { type: kind, ...(after !== undefined && { after }) };
    const text = await inTime(wire.exchange(frameOf('query', asked)));
    if (text === undefined) return { outcome: 'unknown', reason: 'unanswered' };
    // A whole catalogue is not read: in JSON these words stand for nothing else.
    const isLast = !text.includes(MORE);
    if (isLast && text.startsWith(GRANTED)) return { outcome: 'answered' };
    const [answer] = JSON.parse(text) as [LotsAnswer];
    if (answer.outcome !== 'accepted') return { outcome: 'refused', reason: answer.code };
    after = answer.lots.at(-1)?.number;
  }
}

type Ended = Pick<Answered, 'outcome' | 'position' | 'reason'>;

async function send(bidder: Bidder, claims: object): Promise<Ended> {
  let frame: string;
  try {
    frame = await bidder.prepare(await bidder.sign(claims));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { outcome: 'refused', reason: error.code };
  }
  const text = await inTime(bidder.wire.exchange(frame));
  if (text === undefined) return { outcome: 'unknown', reason: 'unanswered' };
  const [answer] = JSON.parse(text) as [CommandAnswer];
  if (answer.outcome === 'accepted') return { outcome: 'accepted', position: answer.position };
  return { outcome: answer.outcome, reason: answer.outcome === 'rejected' ? answer.reason : answer.code };
}

/** `undefined` where the connection ended before the answer, or none came for long. */
async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const limit = setTimeout(() => resolve(undefined), ANSWER_LIMIT_MS);
  const lost = answer.catch(() => undefined);
  return Promise.race([lost, promise]).finally(() => clearTimeout(limit));
}

function told({ notice, counterparty }: Sale): Omit<Extract<Note, { note: 'sale' }>, 'note' | 'who'> {
  const { lot, role, outcome, hammerPrice } = notice;
  return {
    ...{ lot, role, outcome },
    ...(hammerPrice !== undefined && { hammerPrice }),
    ...(counterparty !== undefined && { counterparty: counterparty.username }),
  };
}
