/** The client without a screen: what the faces, bots and tests import. One participant at one house. */
import { randomUuid } from '../shared/crypto/random.ts';
import { systemClock } from '../shared/time/clock.ts';
import type { Announcement } from '../shared/wire/announcements.ts';
import type { LotTerms } from '../shared/wire/commands.ts';
import type { Amount, CommandId, HouseId, Instant, LotId, Position, Subject } from '../shared/wire/vocabulary.ts';
import type { AuditWish, JournalAudit } from './audit/audit-house.ts';
import { BackOffice, type IdentityCard } from './back-office.ts';
import type { AuctionClientEvents } from './client-events.ts';
import type { CommandOptions, CommandResult, ConnectOptions, LotList } from './client-options.ts';
import type { LotReference } from './commands/intent.ts';
import { asAuctionError, raiseAuctionError } from './errors.ts';
import type { Unsubscribe } from './event-hub.ts';
import { EventStreams } from './event-streams.ts';
import type { Sale } from './notice-desk.ts';
import { type OpenedAccess, openAccess } from './open-access.ts';
import { Participation } from './participation.ts';
import type { LotHistory } from './proof/lot-history.ts';
import type { OwnReceipt } from './proof/own-receipts.ts';
import type { LotModel, Model } from './store/model.ts';
import { findLot, lotsWithOwnBids } from './store/select.ts';
import type { ClockStep, TrustedTime } from './trusted-clock.ts';

const CONNECT_LIMIT_MS = 5_000;
const ANSWER_LIMIT_MS = 30_000;

/**
 * A participant's session with a house: it enrols the home if need be, comes back by itself when a server goes away,
 * renews what expires, and repeats commands until they are answered, each under one id for ever.
 *
 * Three kinds of no: `rejected` is an answer, by the rules of the auction; a thrown `AuctionError` (errors.ts) is a refusal
 * by a server, or trouble on the way there, with a code; a thrown `ClientError` is about this machine. `kind` of both says
 * whether to repeat it. docs/SDK.md has an example of everything.
 *
 * @example
 * const store = await KeyStore.open(directory);
 * const client = await AuctionClient.connect({ store, root, trustedServiceUrl, dmsUrl, username: 'ann' });
 * await client.bid({ lot: 7, amount: 12_000 as Amount });
 * for await (const announcement of client.announcements({ signal })) show(announcement);
 * await client.close();
 */
export class AuctionClient {
  readonly #opened: OpenedAccess;
  readonly #newId: () => string;
  readonly #part: Participation;
  readonly #office: BackOffice;
  readonly #streams: EventStreams<AuctionClientEvents>;

  private constructor(options: ConnectOptions, opened: OpenedAccess, newId: () => string) {
    const { store, dmsUrl, trustedServiceUrl, since, operatorToken } = options;
    const { answerLimitMs = ANSWER_LIMIT_MS, proveAnnouncements = false } = options;
    const { directory } = store;
    this.#opened = opened;
    this.#newId = newId;
    this.#office = new BackOffice({ ...opened, directory, dmsUrl, trustedServiceUrl, operatorToken });
    const recall = () => this.#office.recall();
    this.#part = new Participation({ ...opened, store, dmsUrl, since, answerLimitMs, recall, proveAnnouncements });
    this.#office.listen(this.#part.events);
    this.#streams = new EventStreams(this.#part.events);
  }

  /**
   * Opens the home, enrols it if it is not, and connects. Throws a `ClientError` for what is missing or wrong here, a
   * `ProtocolError` for what a server refuses; `trusted-service-unreachable` or `dms-unreachable` after the limit.
   * `prepare` is called with the client before it connects: a listener that it adds misses nothing.
   */
  static async connect(options: ConnectOptions, prepare?: (client: AuctionClient) => void): Promise<AuctionClient> {
    const { clock = systemClock, newId = randomUuid, connectLimitMs = CONNECT_LIMIT_MS } = options;
    const limit = AbortSignal.timeout(connectLimitMs);
    const signal = options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]);
    const opened = await openAccess(options, { machine: clock, newId, signal, limitMs: connectLimitMs }).catch(
      raiseAuctionError(),
    );
    const client = new AuctionClient(options, opened, newId);
    prepare?.(client);
    client.#part.start();
    try {
      await client.#part.link.session(signal);
      return client;
    } catch (error) {
      await client.close();
      throw asAuctionError(error);
    }
  }

  /** Draws an id for a command, for a caller who wants to know it before the command is sent. */
  newCommandId(): CommandId {
    return this.#newId() as CommandId;
  }

  /** Offers a lot. Throws the house's refusal, or `OutcomeUnknown`: then call it again with the same id and terms. */
  async list(terms: LotTerms, options: CommandOptions = {}): Promise<CommandResult> {
    const { id = this.newCommandId(), onProgress } = options;
    const answer = await this.#part.command({ id, type: 'list', ...terms }, onProgress);
    if (answer.outcome === 'accepted') this.#part.market.tell({ type: 'my-lots', lots: [answer.lot] });
    return { ...answer, id };
  }

  /**
   * Bids minor units on a lot, under the terms that this client verified. A lot that nobody knows is `rejected`, as
   * every no by the rules. Throws as `list` does.
   */
  async bid(bid: { readonly lot: LotReference; readonly amount: Amount } & CommandOptions): Promise<CommandResult> {
    const { amount, id = this.newCommandId(), onProgress } = bid;
    const lot = await this.findLot(bid.lot).catch(raiseAuctionError(id));
    if (lot === undefined) return { outcome: 'rejected', reason: 'lot-not-found', id };
    const command = { id, type: 'bid', lot: lot.lot, terms: lot.termsDigest, amount } as const;
    const answer = await this.#part.command(command, onProgress);
    if (answer.outcome === 'accepted') {
      this.#part.market.tell({ type: 'bid-accepted', lot: lot.lot, position: answer.position, amount });
    }
    return { ...answer, id };
  }

  /** A lot by number or id; the house is asked where this client has not heard of it. */
  async findLot(reference: LotReference): Promise<LotModel | undefined> {
    if (findLot(this.model, reference) === undefined) await this.allItems();
    return findLot(this.model, reference);
  }

  /** All lots of the house. */
  async allItems(): Promise<LotList> {
    const { position, lots } = await this.#part.ask((session) => session.lots('allitems'));
    this.#part.market.takeCatalogue(lots);
    return { position, lots };
  }

  /** The lots that this participant offers. */
  async myItems(): Promise<LotList> {
    const { position, lots } = await this.#part.ask((session) => session.lots('myitems'));
    this.#part.market.takeCatalogue(lots);
    this.#part.market.tell({ type: 'my-lots', lots: lots.map(({ lot }) => lot) });
    return { position, lots };
  }

  /** The lots that this home bid on, in earlier runs too; that of the newest bid last. */
  myBids(): readonly LotModel[] {
    return lotsWithOwnBids(this.model);
  }

  /** The announced bids of a lot, from the public log and what was heard; `undefined` for a lot that nobody knows. */
  async lotHistory(reference: LotReference): Promise<(LotHistory & { readonly lot: LotModel }) | undefined> {
    const lot = await this.findLot(reference);
    return lot === undefined ? undefined : { lot, ...(await this.#office.histories.of(lot)) };
  }

  /** Watches a lot from now on, or no longer (`model.watched`); the home remembers it. */
  async watch(lot: LotId): Promise<void> {
    this.#part.market.tell({ type: 'watched', lots: await this.#office.toggleWatch(this.model.watched, lot) });
  }

  /** What proves that commands of this home were recorded: about a lot, of one command, or all. Throws `receipt-invalid`. */
  receipts(about?: LotId | CommandId): Promise<OwnReceipt[]> {
    return this.#office.receipts.find(about);
  }

  /** Audits the house's public log from the root alone. Throws `journal-broken` with the first record that does not hold. */
  verify(wish: AuditWish = {}): Promise<JournalAudit> {
    return this.#office.verify(wish);
  }

  /** Who this participant is, and by what that is shown. */
  identity(): IdentityCard {
    return this.#office.identity(this.house);
  }

  /** Sets the simulated clock. Throws `operator-token-missing`, `clock-not-simulated`, … */
  setTime(time: Instant): Promise<ClockStep> {
    return this.#office.setTime(time);
  }

  /** Sets the simulated clock back to the machine's time. Throws as `setTime`. */
  resetTime(): Promise<ClockStep> {
    return this.#office.setTime();
  }

  /** Sales that this home was told of, in earlier runs too. */
  sales(): Promise<Sale[]> {
    return this.#part.desk.kept();
  }

  /** The trusted time, carried on from the last signed one. */
  time(): TrustedTime {
    return this.#opened.api.clock.read();
  }

  /** Everything that is known, as one value that never changes. */
  get model(): Model {
    return this.#part.market.model;
  }

  /** How far everything was told. */
  get position(): Position {
    return this.model.position;
  }

  /** Whether the link to the house is up. */
  get isUp(): boolean {
    return this.#part.link.present !== undefined;
  }

  /** Who this participant is: known to itself, the Trusted Service and the house. */
  get subject(): Subject {
    return this.#opened.access.signer.kid;
  }

  /** Milliseconds that a small question to the house and its answer take. Throws `dms-unreachable`. */
  roundTripMs(): Promise<number> {
    const { clock } = this.#opened.api;
    return this.#part.ask(async (session) => {
      const asked = clock.monotonic();
      await session.announcementsSince(this.position);
      return clock.monotonic() - asked;
    });
  }

  get username(): string {
    return this.#opened.access.username;
  }

  get house(): HouseId {
    return this.#part.house;
  }

  /** Calls `listener` for each event of this name from now on. */
  on<Name extends keyof AuctionClientEvents>(
    name: Name,
    listener: (event: AuctionClientEvents[Name]) => void,
  ): Unsubscribe {
    return this.#part.events.on(name, listener);
  }

  /** Announcements from now on. Nothing is left out; a reader who falls too far behind gets the refusal `too-slow`. */
  announcements({ signal }: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<Announcement, undefined> {
    return this.#streams.open('announcement', signal);
  }

  /** Ended sales from now on, each verified and kept. */
  disclosures({ signal }: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<Sale, undefined> {
    return this.#streams.open('auction-closed', signal);
  }

  /** Ends the session. Streams end; commands under way fail with what is known of them. */
  async close(): Promise<void> {
    await Promise.all([this.#part.close(), this.#office.close()]);
    this.#streams.endAll();
  }
}
