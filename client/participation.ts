/** One participant's live part in a house, put together: the link, the market that it feeds, the desk for private notices. */

import { ProtocolError } from '../shared/errors.ts';
import { invariant } from '../shared/invariant.ts';
import type { Announcement } from '../shared/wire/announcements.ts';
import type { Accepted, CommandStatement, ReceiptedAnswer, Rejected } from '../shared/wire/commands.ts';
import type { CertificatePem, HouseId, LotId, Position } from '../shared/wire/vocabulary.ts';
import type { AuctionClientEvents } from './client-events.ts';
import { delay, untilItSucceeds } from './connection/back-off.ts';
import type { DmsSession } from './connection/dms-session.ts';
import { Link } from './connection/link.ts';
import { remedyFor } from './connection/recovery.ts';
import { asAuctionError, raiseAuctionError } from './errors.ts';
import { EventHub } from './event-hub.ts';
import type { KeyStore } from './identity/key-store.ts';
import { keepTime, tryToSyncTime } from './keep-time.ts';
import { Market } from './market.ts';
import { NoticeDesk, type Sale } from './notice-desk.ts';
import type { OpenedAccess } from './open-access.ts';
import type { AnnouncementProof } from './proof/announcement-prover.ts';
import { Custody } from './proof/custody.ts';
import type { Fork } from './proof/log-watch.ts';
import { signStatement } from './sealing/seal-command.ts';
import { type Stage, type StageName, sendCommand } from './send-command.ts';
import type { Message } from './store/update.ts';

export interface ParticipationOptions extends OpenedAccess {
  readonly store: KeyStore;
  readonly dmsUrl: string;
  readonly since: Position | undefined;
  readonly proveAnnouncements: boolean;
  /** How long a command or question is repeated before it fails. */
  readonly answerLimitMs: number;
  /** What the home knows of earlier runs, for the model. */
  readonly recall: () => Promise<readonly Message[]>;
}

/** A command as its signer means it; for which house is added here. */
export type Command = CommandStatement extends infer Statement
  ? Statement extends CommandStatement
    ? Omit<Statement, 'v' | 'aud'>
    : never
  : never;

/** An announcement from further ahead than this says that the clock was set. */
const NOTABLE_LEAD_MS = 2_000;
/**
 * Before anything is announced the home's own bids are waited for, so that they are known as ours; but a bot that keeps
 * ten thousands of receipts must not be late for it. Theirs come as soon as they are read.
 */
const RECALL_MS = 1_000;
/** Between two attempts to get an answer. */
const MAX_DELAY_MS = 2_000;

export class Participation {
  readonly events = new EventHub<AuctionClientEvents>();
  readonly market: Market;
  readonly desk: NoticeDesk;
  readonly link: Link;
  readonly #options: ParticipationOptions;
  readonly #closing = new AbortController();
  readonly #custody: Custody;
  #running: Promise<unknown> = Promise.resolve();
  #recalled: Promise<void> = Promise.resolve();
  #house: HouseId | undefined;

  constructor(options: ParticipationOptions) {
    const { api, access, store, dmsUrl, since, proveAnnouncements } = options;
    this.#options = options;
    const told = {
      afresh: () => this.events.emit('snapshot', this.market.model.position),
      announced: (announcement: Announcement) => this.#announced(announcement),
      failed: (error: unknown) => this.#troubled(error),
    };
    this.market = new Market(told, { proves: proveAnnouncements });
    this.link = new Link({
      url: dmsUrl,
      api,
      access,
      since: () => this.market.cursor ?? since,
      listener: {
        opening: () => this.market.begin(),
        opened: (session) => this.#opened(session),
        changed: (state) => this.events.emit('link', state),
        renewed: (expiresAt) => this.events.emit('renewed', expiresAt),
        announcements: (announcements) => this.market.collect(announcements),
        checkpoints: (checkpoints) => this.market.check(checkpoints),
        notices: (notices) => this.desk.take(notices),
      },
    });
    this.desk = new NoticeDesk({
      api,
      access,
      store,
      link: this.link,
      signal: this.#closing.signal,
      onSale: (sale) => this.#ended(sale),
      onTrouble: (error, { lot }) => this.#troubled(error, lot),
    });
    this.#custody = new Custody({
      dmsUrl,
      root: api.root,
      directory: store.directory,
      told: () => this.market.model.position,
      onFork: (fork) => this.#distrust(fork),
      ...(proveAnnouncements && { onProof: (proof) => this.#proved(proof) }),
      askOpening: (lot) => this.ask((session) => session.opening(lot)),
      onOpened: (opened) => this.events.emit('opened', opened),
      onTrouble: (error, lot) => this.#troubled(error, lot),
      signal: this.#closing.signal,
    });
    api.events.on('clock', (step) => this.events.emit('clock', step));
  }

  /** Begins. What it tells goes to whoever listens by now. */
  start(): void {
    const { api } = this.#options;
    this.#recalled = this.#recall();
    this.#running = Promise.all([
      this.#guarded(this.link.run()),
      this.#guarded(keepTime(api, this.#closing.signal)),
      this.#guarded(this.#custody.keepLooking()),
    ]);
  }

  /** The house of the present session, or of the last one. */
  get house(): HouseId {
    invariant(this.#house !== undefined, 'a participation is used after its first session began');
    return this.#house;
  }

  /** Signs a command once, and sends it until it is answered. Throws as `sendCommand` does. */
  async command(command: Command, onProgress?: (stage: Stage) => void): Promise<Accepted | Rejected> {
    const { api, access } = this.#options;
    const begun = api.clock.monotonic();
    const reached = (stage: StageName) => onProgress?.({ stage, afterMs: api.clock.monotonic() - begun });
    const claims: CommandStatement = { v: 1, aud: this.house, ...command };
    const signed = await signStatement(access.signer, claims);
    reached('signed');
    const sent = { statement: signed.statement, claims };
    const verify = (answer: ReceiptedAnswer, chain: readonly CertificatePem[]) =>
      this.#custody.take(sent, answer, chain);
    return sendCommand({ link: this.link, api, verify, reached, signal: this.#deadline() }, command.id, signed).catch(
      raiseAuctionError(command.id),
    );
  }

  /** Asks until there is an answer. Throws `dms-unreachable` after the limit, and what the house refuses. */
  async ask<Answer>(question: (session: DmsSession) => Promise<Answer>): Promise<Answer> {
    const signal = this.#deadline();
    try {
      return await untilItSucceeds(async () => question(await this.link.session(signal)), {
        passes: (error) => remedyFor(error) !== undefined,
        signal,
        maxDelayMs: MAX_DELAY_MS,
      });
    } catch (error) {
      const isSilence = error instanceof ProtocolError && error.code === 'outcome-unknown';
      // A question changes nothing, so that nothing about it is unknown.
      throw asAuctionError(isSilence ? new ProtocolError('dms-unreachable', error.detail, { cause: error }) : error);
    }
  }

  /** Ends the session and everything that waits for it, and remembers where the house was left. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.link.stop();
    await this.#running;
    await this.#custody.close();
    const { store, dmsUrl, api } = this.#options;
    if (this.#house !== undefined) await store.visit(dmsUrl, this.#house, this.market.model.position);
    await api.close();
  }

  async #opened(session: DmsSession): Promise<void> {
    const { store, dmsUrl } = this.#options;
    await store.requireSameHouse(dmsUrl, session.house);
    if (this.#house !== session.house) await store.visit(dmsUrl, session.house, session.current.position);
    this.#house = session.house;
    if (this.market.cursor === undefined) await Promise.race([this.#recalled, delay(RECALL_MS, this.#closing.signal)]);
    await this.market.open(session);
    this.#custody.watch(session.house);
    if (this.#custody.openings.takeOwed()) this.#askOwedOpenings().catch((error) => this.#troubled(error));
  }

  /** For sales of this house that were kept, in earlier runs too, before the other party's commitment was. */
  async #askOwedOpenings(): Promise<void> {
    const { lots } = this.market.model;
    const sales = await this.desk.kept(({ lot, outcome }) => outcome === 'sold' && lots.has(lot));
    for (const sale of sales) this.#custody.openings.take(sale);
  }

  /** A damaged receipt is no reason not to take part. */
  async #recall(): Promise<void> {
    try {
      for (const message of await this.#options.recall()) this.market.tell(message);
    } catch (error) {
      this.#troubled(error);
    }
  }

  /** A house that shows two journals is left for good. */
  #distrust(fork: Fork): void {
    this.events.emit('fork', fork);
    this.link.fail(fork.error);
  }

  #announced(announcement: Announcement): void {
    this.events.emit('announcement', announcement);
    this.#custody.expect(announcement);
    const { api } = this.#options;
    if (announcement.at <= api.clock.now() + NOTABLE_LEAD_MS) return;
    tryToSyncTime(api).catch((error) => this.#troubled(error));
  }

  #proved(proof: AnnouncementProof): void {
    const { lot, position, event, outcome } = proof;
    this.market.tell({ type: 'proved', lot, position, event, outcome });
    this.events.emit('proof', proof);
  }

  #ended(sale: Sale): void {
    const { lot, role } = sale.notice;
    const { counterparty } = sale;
    this.market.tell({ type: 'auction-closed', lot, role, ...(counterparty === undefined ? {} : { counterparty }) });
    this.events.emit('auction-closed', sale);
    this.#custody.openings.take(sale);
  }

  #troubled(error: unknown, lot?: LotId): void {
    // What the end of the client interrupts is no trouble.
    if (this.#closing.signal.aborted) return;
    this.events.emit('trouble', lot === undefined ? { error } : { error, lot });
  }

  /** Whatever ends a part that should run for ever ends the client. */
  async #guarded(running: Promise<void>): Promise<void> {
    try {
      await running;
    } catch (error) {
      this.events.emit('failed', error);
    }
  }

  #deadline(): AbortSignal {
    return AbortSignal.any([AbortSignal.timeout(this.#options.answerLimitMs), this.#closing.signal]);
  }
}
