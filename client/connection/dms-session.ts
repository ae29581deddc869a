/** An admitted session with a house: what can be asked and said, until it ends. */
import type { z } from 'zod';
import { encodeBase64url } from '../../shared/bytes.ts';
import { randomBytes } from '../../shared/crypto/random.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Announcement, AuctionClosed, CatalogueLot, Checkpoint } from '../../shared/wire/announcements.ts';
import { CommandAnswer, type Refused } from '../../shared/wire/commands.ts';
import type { Opening } from '../../shared/wire/opening.ts';
import {
  AcknowledgeAnswer,
  type CatchUp,
  type ConnectionAuth,
  CurrentAnswer,
  HelloAnswer,
  LotsAnswer,
  OpeningAnswer,
  type Query,
  RenewAnswer,
  type SealedCommand,
} from '../../shared/wire/socket-events.ts';
import type { CertificatePem, HouseId, Instant, LotId, Position } from '../../shared/wire/vocabulary.ts';
import type { IdentitySigner } from '../sealing/p256-signer.ts';
import { allPages } from './catalogue-pages.ts';
import { DmsSocket, type SocketListener } from './dms-socket.ts';
import { type OfferContext, proveSession, type VerifiedOffer, verifyOffer } from './handshake.ts';

/** How long one answer may take before the client asks again. A repeated command is recorded once. */
const ANSWER_LIMIT_MS = 5_000;

/** What this session hears from the house. */
export interface SessionListener {
  announcements(announcements: readonly Announcement[]): void;
  checkpoints(checkpoints: readonly Checkpoint[]): void;
  notices(notices: readonly AuctionClosed[]): void;
}

export interface SessionRequest {
  readonly url: string;
  readonly auth: ConnectionAuth;
  readonly signer: IdentitySigner;
  readonly context: Omit<OfferContext, 'nonce' | 'subject'>;
  /** Announcements are wanted from here; without it, everything as it stands. */
  readonly since?: Position;
}

/** An answer that is not a refusal. */
type Granted<Answer> = Exclude<Answer, Refused>;
/** The catalogue of a snapshot is whole. */
export interface Current {
  readonly position: Position;
  readonly catchUp:
    | Extract<CatchUp, { readonly kind: 'missed' }>
    | { readonly kind: 'snapshot'; readonly lots: readonly CatalogueLot[] };
}
export interface Lots {
  readonly position: Position;
  readonly lots: readonly CatalogueLot[];
}

export class DmsSession {
  readonly house: HouseId;
  /** The certificate of the node at the other end, and its issuing CA's. */
  readonly chain: readonly CertificatePem[];
  /** Commands are sealed to this key, which lives as long as the session. */
  readonly sealingKey: Uint8Array;
  /** How everything stood when the session began. */
  readonly current: Current;
  /** Resolves with the reason when the session is over. */
  readonly ended: Promise<ProtocolError>;
  readonly #socket: DmsSocket;

  private constructor(socket: DmsSocket, offer: VerifiedOffer, current: Current, ended: Promise<ProtocolError>) {
    this.house = offer.house;
    this.chain = offer.chain;
    this.sealingKey = offer.sealingKey;
    this.current = current;
    this.ended = ended;
    this.#socket = socket;
  }

  /** Connects and does the handshake. Throws what the DMS refuses, `peer-untrusted`, `dms-unreachable`. */
  static async open(request: SessionRequest, listener: SessionListener): Promise<DmsSession> {
    const { promise: ended, resolve } = Promise.withResolvers<ProtocolError>();
    const target = { url: request.url, root: request.context.root, auth: request.auth };
    const socket = await DmsSocket.open(target, { ...tagged(listener), ended: resolve });
    try {
      const offer = await hello(socket, request);
      const proof = await proveSession(request.signer, offer);
      const since = request.since === undefined ? {} : { since: request.since };
      const current = granted(await socket.ask('prove', { proof, ...since }, CurrentAnswer, ANSWER_LIMIT_MS));
      return new DmsSession(socket, offer, await whole(socket, current), ended);
    } catch (error) {
      socket.close();
      throw await explained(error, ended);
    }
  }

  /** Sends a sealed command. Throws `dms-unreachable` and `outcome-unknown`; a refusal is an answer here. */
  command(sealed: SealedCommand): Promise<CommandAnswer> {
    return this.#socket.ask('command', sealed, CommandAnswer, ANSWER_LIMIT_MS);
  }

  /** All of them, each as it stands at `position` or later. */
  async lots(type: 'allitems' | 'myitems'): Promise<Lots> {
    const first = await askForLots(this.#socket, { type });
    const lots = await allPages(first, (after) => askForLots(this.#socket, { type, after }));
    return { position: first.position, lots };
  }

  /** What was announced since a position. */
  async announcementsSince(since: Position): Promise<Current> {
    return whole(this.#socket, await this.#query({ type: 'announcements', since }, CurrentAnswer));
  }

  /** Extends the session with fresh credentials of the same subject. Resolves with its new end. */
  async renew({ token, certificate }: ConnectionAuth): Promise<Instant> {
    const answer = await this.#socket.ask('renew', { token, certificate }, RenewAnswer, ANSWER_LIMIT_MS);
    return granted(answer).expiresAt;
  }

  /** The notice about a lot is kept here: it need not come again. */
  async acknowledge(lot: LotId): Promise<void> {
    granted(await this.#socket.ask('acknowledge', { lot }, AcknowledgeAnswer, ANSWER_LIMIT_MS));
  }

  /** The opening of the record by which the other party of our sale is bound. Nothing in it is verified here. */
  async opening(lot: LotId): Promise<Opening> {
    return (await this.#query({ type: 'opening', lot }, OpeningAnswer)).opening;
  }

  close(): void {
    this.#socket.close();
  }

  async #query<Answer extends { readonly outcome: string }>(
    query: Query,
    schema: z.ZodType<Answer>,
  ): Promise<Granted<Answer>> {
    return granted(await this.#socket.ask('query', query, schema, ANSWER_LIMIT_MS));
  }
}

async function hello(socket: DmsSocket, { signer, context }: SessionRequest): Promise<VerifiedOffer> {
  const nonce = encodeBase64url(randomBytes(32));
  const answer = granted(await socket.ask('hello', { nonce }, HelloAnswer, ANSWER_LIMIT_MS));
  return verifyOffer(answer, { ...context, nonce, subject: signer.kid });
}

async function askForLots(socket: DmsSocket, query: Query): Promise<Granted<LotsAnswer>> {
  return granted(await socket.ask('query', query, LotsAnswer, ANSWER_LIMIT_MS));
}

/** With all lots of a catalogue that is told in pages: a later page may hold what is announced meanwhile, which does no harm. */
async function whole(socket: DmsSocket, { position, catchUp }: Granted<CurrentAnswer>): Promise<Current> {
  if (catchUp.kind === 'missed') return { position, catchUp };
  const lots = await allPages(catchUp, (after) => askForLots(socket, { type: 'allitems', after }));
  return { position, catchUp: { kind: 'snapshot', lots } };
}

/** The refusal thrown, everything else handed on. */
function granted<Answer extends { readonly outcome: string }>(answer: Answer): Granted<Answer> {
  if (isRefused(answer)) throw new ProtocolError(answer.code, answer.detail);
  return answer as Granted<Answer>;
}

function isRefused(answer: { readonly outcome: string }): answer is Refused {
  return answer.outcome === 'refused';
}

/** Where no answer came because the DMS ended the session, its reason says more. */
async function explained(error: unknown, ended: Promise<ProtocolError>): Promise<unknown> {
  const isSilence = error instanceof ProtocolError && error.code === 'outcome-unknown';
  return isSilence ? Promise.race([ended, Promise.resolve(new ProtocolError('dms-unreachable', error.detail))]) : error;
}

/** Each frame holds one kind of announcement; from here on every announcement says its kind itself. */
function tagged(listener: SessionListener): Omit<SocketListener, 'ended'> {
  return {
    listed: (list) => listener.announcements(list.map((one) => ({ event: 'someone_listed', ...one }))),
    bids: (list) => listener.announcements(list.map((one) => ({ event: 'someone_bid', ...one }))),
    closed: (list) => listener.announcements(list.map((one) => ({ event: 'item_closed', ...one }))),
    checkpoints: (list) => listener.checkpoints(list),
    notices: (list) => listener.notices(list),
  };
}
