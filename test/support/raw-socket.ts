/** A socket in the hands of an attacker: every frame that crosses it is kept, and nothing is sent unless it is told to. */
import { randomBytes } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import { encodeBase64url } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { AuctionClosed } from '../../shared/wire/announcements.ts';
import { Refused } from '../../shared/wire/commands.ts';
import type { SessionOffer } from '../../shared/wire/socket-events.ts';
import type { CompactJws } from '../../shared/wire/vocabulary.ts';
import type { HandParticipant } from './hand-participant.ts';
import { soon, until } from './until.ts';

/** An answer of the DMS, of whatever kind. */
// biome-ignore lint/suspicious/noExplicitAny: the tests look into answers whose form is what they are about
export type Answer = any;

export interface RawTarget {
  readonly url: string;
  /** PEM. */
  readonly root: string;
  readonly auth: unknown;
  readonly headers?: Record<string, string>;
  readonly transports?: string[];
}

/** One packet of Engine.IO, as text. */
export interface Frame {
  readonly from: 'us' | 'dms';
  readonly text: string;
}

interface EngineSocket {
  on(event: 'packet' | 'packetCreate', listener: (packet: { type: string; data?: unknown }) => void): void;
  readonly transport: { readonly ws?: { send(data: unknown): void } };
}

export class RawSocket {
  readonly frames: Frame[] = [];
  /** What the DMS said by itself. */
  readonly heard: { readonly name: string; readonly args: Answer[] }[] = [];
  /** Resolves with the library's reason when the connection is over. */
  readonly closed: Promise<string>;
  offer: SessionOffer | undefined;
  offerText: CompactJws | undefined;
  readonly #socket: Socket;
  #sid = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.closed = promise;
    socket.on('disconnect', resolve);
    socket.onAny((name: string, ...args: Answer[]) => this.heard.push({ name, args }));
  }

  /** Connects and does no more. Throws the DMS's refusal as a `ProtocolError`, everything else as it is. */
  static async connect({ url, root, auth, headers = {}, transports = ['websocket'] }: RawTarget): Promise<RawSocket> {
    const socket = io(url, {
      auth: auth as Record<string, unknown>,
      transports,
      forceNew: true,
      reconnection: false,
      autoConnect: false,
      extraHeaders: headers,
      ca: root,
    } as Parameters<typeof io>[1]);
    const raw = new RawSocket(socket);
    const connected = new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    socket.connect();
    raw.#tap();
    try {
      await soon('a connection', connected);
      raw.#sid = socket.id ?? '';
      return raw;
    } catch (error) {
      socket.close();
      const refused = Refused.safeParse((error as { data?: unknown }).data);
      throw refused.success ? new ProtocolError(refused.data.code, refused.data.detail) : error;
    }
  }

  /** The handshake as an honest client does it. */
  static async admitted(
    target: Omit<RawTarget, 'auth'>,
    participant: HandParticipant,
    since?: number,
  ): Promise<RawSocket> {
    const raw = await RawSocket.connect({ ...target, auth: await participant.auth() });
    await raw.hello();
    const answer = await raw.prove(participant, since);
    if (answer.outcome !== 'accepted') throw new ProtocolError(answer.code);
    return raw;
  }

  async hello(): Promise<Answer> {
    const answer = await this.ask('hello', { nonce: encodeBase64url(randomBytes(32)) });
    if (answer.outcome !== 'accepted') return answer;
    this.offerText = answer.offer;
    this.offer = JSON.parse(Buffer.from(answer.offer.split('.')[1], 'base64url').toString());
    return answer;
  }

  async prove(participant: HandParticipant, since?: number): Promise<Answer> {
    const { session, serverNonce } = this.offer!;
    const claims = { session, serverNonce, offer: digestOfText(this.offerText!) };
    const proof = await participant.sign('session-proof+jwt', claims);
    return this.ask('prove', { proof, ...(since === undefined ? {} : { since }) });
  }

  /** The key to which this session's commands are sealed. */
  get sealingKey(): Uint8Array {
    return Buffer.from(this.offer!.sealingKey, 'base64url');
  }

  /** Sends an event with whatever arguments, and waits for the answer. */
  ask(name: string, ...args: unknown[]): Promise<Answer> {
    return soon(`an answer to ${name}`, this.#socket.emitWithAck(name, ...args));
  }

  /** Sends an event and wants no answer. */
  tell(name: string, ...args: unknown[]): void {
    this.#socket.emit(name, ...args);
  }

  /** Sends bytes or text past Socket.IO. */
  sendRaw(data: string | Uint8Array): void {
    (this.#socket.io.engine as unknown as EngineSocket).transport.ws?.send(data);
  }

  /** Socket.IO's name for the connection. */
  get sid(): string {
    return this.#sid;
  }

  get isOpen(): boolean {
    return this.#socket.connected;
  }

  /** Every notice that came in private. */
  get notices(): AuctionClosed[] {
    return this.heard.filter(({ name }) => name === 'auction_closed').flatMap(({ args }) => args[0]);
  }

  /** Waits until `count` events of this name have come, and gives what they told, flat. */
  told(name: string, count = 1): Promise<Answer[]> {
    return until(`${count} of ${name}`, () => {
      const list = this.heard.filter((event) => event.name === name).flatMap(({ args }) => args[0]);
      return list.length >= count && list;
    });
  }

  /** Everything that came in, as one text. */
  get received(): string {
    return this.frames.flatMap(({ from, text }) => (from === 'dms' ? [text] : [])).join('\n');
  }

  close(): void {
    this.#socket.close();
  }

  #tap(): void {
    const engine = this.#socket.io.engine as unknown as EngineSocket;
    const keep = (from: Frame['from']) => (packet: { type: string; data?: unknown }) => {
      this.frames.push({ from, text: `${packet.type} ${String(packet.data ?? '')}` });
    };
    engine.on('packet', keep('dms'));
    engine.on('packetCreate', keep('us'));
  }
}
