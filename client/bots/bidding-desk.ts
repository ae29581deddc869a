/** Takes a bot's wishes, lets through what breaks no limit, and sees each command to its answer. */
import { z } from 'zod';
import type { Clock } from '../../shared/time/clock.ts';
import { LotTerms } from '../../shared/wire/commands.ts';
import { Amount, type CommandId, LotId } from '../../shared/wire/vocabulary.ts';
import type { LotModel } from '../store/model.ts';
import { withOwnBids } from './bot-client.ts';
import type { Commitments } from './commitments.ts';
import type { Bidding, Decision, EventName, Listing, News } from './decision.ts';
import type { DecisionLog } from './decision-journal.ts';
import type { Wish } from './define-bot.ts';
import { brokenLimit, type LimitName, type Limits, mostOn, type Standing } from './limits.ts';
import type { Pace } from './pace.ts';
import { type Posted, type PostRoom, post } from './post-command.ts';
import type { Recovered } from './recover.ts';

export interface DeskParts extends PostRoom {
  readonly limits: Limits;
  readonly recovered: Recovered;
  readonly pace: Pace;
  readonly journal: DecisionLog;
  /** Whether this bot deals with a lot; asked with `undefined` about a listing. */
  readonly isInScope: (lot: LotModel | undefined) => boolean;
  readonly isPaper: boolean;
  readonly isStopped: () => boolean;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** A wish, whatever a strategy made it from. */
const ParsedWish: z.ZodType<Wish> = z.union([
  z.strictObject({ bid: Amount, lot: LotId, despite: z.array(z.enum(['leading', 'too-low'])).exactOptional() }),
  z.strictObject({ list: LotTerms }),
]);

/** A command until it is answered. */
interface Open {
  readonly command: Bidding | Listing;
  /** Nobody knows how an earlier attempt ended. */
  isRepeat: boolean;
  /** Ends with the present attempt. */
  attempt?: Promise<void> | undefined;
  /** When the next one is due. */
  notBefore: number;
}

/** Between two attempts to learn how a command ended. */
const REPEAT_MS = 1_000;

export class BiddingDesk {
  readonly commitments: Commitments;
  readonly #parts: DeskParts;
  readonly #broken = Promise.withResolvers<never>();
  readonly #open = new Map<CommandId, Open>();
  /** The lots as they stood when a bid on them was not accepted. */
  readonly #refused = new Map<LotId, string>();
  /** What was blocked last, so that ten looks a second are one line. */
  readonly #blocked = new Map<string, string>();

  constructor(parts: DeskParts) {
    this.#parts = parts;
    const { commitments, unanswered } = parts.recovered;
    this.commitments = commitments;
    for (const [id, command] of unanswered) this.#open.set(id, { command, isRepeat: true, notBefore: 0 });
    // Nobody may be waiting for it when it happens.
    this.#broken.promise.catch(() => undefined);
  }

  /** Rejects with a mistake of ours or of the strategy, and with what nobody should bid on after. */
  get broken(): Promise<never> {
    return this.#broken.promise;
  }

  fail(error: unknown): void {
    this.#broken.reject(error);
  }

  /** A lot with everything that this home has bid on it. */
  see(lot: LotModel): LotModel {
    const { ownBids } = this.#parts.recovered;
    return withOwnBids(lot, [...(ownBids.get(lot.lot) ?? []), ...this.commitments.recordedOn(lot.lot)]);
  }

  /** The most that may be bid on a lot now. */
  mostOn(lot: LotModel): number {
    return mostOn(lot, this.commitments.total(this.#parts.client.model, lot.lot), this.#parts.limits);
  }

  /** Sends what may be sent. Returns the limit that stands in the way. */
  consider(wish: unknown, event: EventName): LimitName | undefined {
    const parsed = ParsedWish.safeParse(wish);
    if (!parsed.success) return this.#block('malformed', event);
    const limit = brokenLimit(parsed.data, this.#standing(parsed.data), this.#parts.limits);
    if (limit !== undefined) return this.#block(limit, event, parsed.data);
    const { client, pace, journal } = this.#parts;
    const command = this.#commandOf(parsed.data, event, client.newCommandId());
    // Bound from here on, before anything is waited for: no second wish slips past the limits meanwhile.
    if (command.type === 'bidding') {
      this.commitments.reserve(command);
      this.#blocked.delete(command.lot);
    }
    pace.count();
    const open: Open = { command, isRepeat: false, notBefore: 0 };
    this.#open.set(command.id, open);
    this.#begin(open, () => journal.append(command));
    return undefined;
  }

  /** Asks again how commands ended that nobody answered: each under its own id, so that none is recorded twice. */
  repeatUnanswered(): void {
    const { client, isStopped, isPaper, clock } = this.#parts;
    if (!client.isUp || isPaper || isStopped()) return;
    for (const open of this.#open.values()) {
      if (open.attempt === undefined && clock.monotonic() >= open.notBefore) this.#begin(open);
    }
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ attempt }) => attempt));
  }

  /** Writes a line that is no command. */
  tell(news: News): void {
    this.#parts.journal.append(this.#dated(news)).catch(this.#broken.reject);
  }

  #commandOf(wish: Wish, event: EventName, id: CommandId): Bidding | Listing {
    const head = { event, house: this.#parts.client.house, id };
    if ('list' in wish) return this.#dated({ type: 'listing', ...head, terms: wish.list });
    return this.#dated({ type: 'bidding', ...head, lot: wish.lot, amount: wish.bid });
  }

  #dated<Line extends News>(news: Line): Line & Pick<Decision, 'v' | 'at' | 'epoch'> {
    const { at, epoch } = this.#parts.client.time();
    return { v: 1, at, epoch, ...news };
  }

  #begin(open: Open, prepare: () => Promise<void> = async () => undefined): void {
    open.attempt = prepare()
      .then(() => this.#attempt(open))
      .catch(this.#broken.reject);
  }

  async #attempt(open: Open): Promise<void> {
    const { command } = open;
    const stood = command.type === 'bidding' ? this.#stateOf(command.lot) : '';
    // The last look, right before it leaves.
    const { fatal, ...posted } = this.#parts.isStopped() ? STOPPED : await post(command, this.#parts);
    const outcome = open.isRepeat && !TELLS_OF_EARLIER.has(posted.outcome) ? 'unknown' : posted.outcome;
    this.commitments.settle({ id: command.id, ...posted, outcome });
    if (command.type === 'bidding' && outcome !== 'accepted') this.#refused.set(command.lot, stood);
    await this.#parts.journal.append(this.#dated({ type: 'answered', id: command.id, ...posted, outcome }));
    open.attempt = undefined;
    open.isRepeat = true;
    open.notBefore = this.#parts.clock.monotonic() + REPEAT_MS;
    if (outcome !== 'unknown') this.#open.delete(command.id);
    if (fatal !== undefined) throw fatal;
  }

  #standing(wish: Wish): Standing {
    const { client, isPaper, isStopped, isInScope, pace } = this.#parts;
    const id = 'bid' in wish ? wish.lot : undefined;
    const lot = id === undefined ? undefined : client.model.lots.get(id);
    return {
      now: client.time().at,
      isUp: client.isUp,
      isStopped: isStopped(),
      isPaper,
      lot: lot === undefined ? undefined : this.see(lot),
      isInScope: isInScope(lot),
      isUnderWay: id !== undefined && this.#isOpenOn(id),
      isUnchanged: id !== undefined && this.#refused.get(id) === this.#stateOf(id),
      committedElsewhere: this.commitments.total(client.model, id),
      committedHere: id === undefined ? 0 : this.commitments.on(id, client.model),
      commandsThisMinute: pace.thisMinute,
    };
  }

  #isOpenOn(lot: LotId): boolean {
    return [...this.#open.values()].some(({ command }) => command.type === 'bidding' && command.lot === lot);
  }

  /** What has to be another before a bid that was not accepted is worth a second try. */
  #stateOf(id: LotId): string {
    const lot = this.#parts.client.model.lots.get(id);
    return `${lot?.bids} ${lot?.leading?.amount} ${lot?.closesAt} ${lot?.status}`;
  }

  #block(limit: LimitName, event: EventName, wish?: Wish): LimitName {
    const about = wish !== undefined && 'bid' in wish ? { lot: wish.lot, amount: wish.bid } : undefined;
    const [key, what] = [about?.lot ?? event, `${limit} ${about?.amount}`];
    // An eager strategy asks ten times a second while its bid is on the way: that is no decision.
    if (limit !== 'under-way' && this.#blocked.get(key) !== what) {
      this.#blocked.set(key, what);
      this.tell({ type: 'blocked', event, limit, ...about });
    }
    return limit;
  }
}

/** That this attempt was refused, or did not leave, says nothing about the ones before: they may be recorded. */
const TELLS_OF_EARLIER: ReadonlySet<Posted['outcome']> = new Set(['accepted', 'rejected']);

const STOPPED: Posted = { outcome: 'not-sent' };
