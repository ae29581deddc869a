/** One Socket.IO connection to a DMS, with typed questions and answers: the one door of `socket.io-client`. */

import { io, type Socket } from 'socket.io-client';
import { z } from 'zod';
import { socketTrust } from '#platform/socket-trust.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import { AuctionClosed, Checkpoint, ItemClosed, SomeoneBid, SomeoneListed } from '../../shared/wire/announcements.ts';
import { Refused } from '../../shared/wire/commands.ts';
import type { ClientToServerEvents, ConnectionAuth, ServerToClientEvents } from '../../shared/wire/socket-events.ts';

/** How long the connection may take before it counts as failed. */
const CONNECT_LIMIT_MS = 10_000;

export interface SocketTarget {
  /** `https://host:port`; `http:` only where an operator turned TLS off. */
  readonly url: string;
  /** The server's certificate must be a DMS's under this root. */
  readonly root: Certificate;
  readonly auth: ConnectionAuth;
}

/** What the DMS says by itself, checked for its form. */
export interface SocketListener {
  listed(announcements: SomeoneListed[]): void;
  bids(announcements: SomeoneBid[]): void;
  closed(announcements: ItemClosed[]): void;
  checkpoints(checkpoints: Checkpoint[]): void;
  notices(notices: AuctionClosed[]): void;
  /** The connection is over; called once. */
  ended(reason: ProtocolError): void;
}

type Question = keyof ClientToServerEvents;

/** An open connection. Nothing on it is trusted before the handshake. */
export class DmsSocket {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Connects. Throws the DMS's refusal, `peer-untrusted` or `dms-unreachable`. */
  static async open(target: SocketTarget, listener: SocketListener): Promise<DmsSocket> {
    const { url, root, auth } = target;
    const socket: Socket = io(url, {
      auth,
      transports: ['websocket'],
      forceNew: true,
      // Coming back takes a look at tokens and clocks first: link.ts does it.
      reconnection: false,
      timeout: CONNECT_LIMIT_MS,
      autoConnect: false,
      ...socketTrust(url, { root, profile: 'dms-node' }),
    });
    listen(socket, listener);
    try {
      await connected(socket);
    } catch (error) {
      socket.close();
      throw connectionError(error, url);
    }
    return new DmsSocket(socket);
  }

  /**
   * Asks and waits for the answer, which has the form of `schema`. Throws `dms-unreachable` where the question
   * certainly did not leave, `outcome-unknown` where no answer came in `limitMs`, `malformed` for another answer.
   */
  async ask<Answer>(name: Question, argument: unknown, schema: z.ZodType<Answer>, limitMs: number): Promise<Answer> {
    if (!this.#socket.connected) throw new ProtocolError('dms-unreachable');
    let answer: unknown;
    try {
      answer = await this.#socket.timeout(limitMs).emitWithAck(name, argument);
    } catch (cause) {
      // The one reason of the library: the time was up, or the connection ended.
      throw new ProtocolError('outcome-unknown', `of ${name}`, { cause });
    }
    const parsed = schema.safeParse(answer);
    if (!parsed.success) throw new ProtocolError('malformed', `the answer to ${name}`);
    return parsed.data;
  }

  /** Ends the connection. */
  close(): void {
    this.#socket.close();
  }
}

async function connected(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('connect', resolve);
  socket.once('connect_error', reject);
  // What is lost after the transport opened and before the DMS lets us in is no `connect_error` to the library.
  socket.once('disconnect', (reason) => reject(new Error(reason)));
  // The library's own limit ends with the opening of the transport.
  const timer = setTimeout(() => reject(new Error('no answer in time')), CONNECT_LIMIT_MS);
  socket.connect();
  try {
    await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** Every event through its schema. A DMS that breaks the form is left, and the reason told. */
function listen(socket: Socket, listener: SocketListener): void {
  let reason: ProtocolError | undefined;
  const end = (error: ProtocolError) => {
    reason ??= error;
    socket.close();
  };
  const on = <Event>(name: keyof ServerToClientEvents, schema: z.ZodType<Event>, take: (event: Event) => void) => {
    socket.on(name, (argument: unknown) => {
      const event = schema.safeParse(argument);
      if (event.success) take(event.data);
      else end(new ProtocolError('malformed', `the event ${name}`));
    });
  };
  on('someone_listed', z.array(SomeoneListed), listener.listed);
  on('someone_bid', z.array(SomeoneBid), listener.bids);
  on('item_closed', z.array(ItemClosed), listener.closed);
  on('auction_closed', z.array(AuctionClosed), listener.notices);
  on('checkpoint', z.array(Checkpoint), listener.checkpoints);
  on('session_ended', Refused, ({ code, detail }) => end(new ProtocolError(code, detail)));
  socket.on('disconnect', (why) => listener.ended(reason ?? new ProtocolError('dms-unreachable', why)));
}

/** What Socket.IO throws on a failed connection: the DMS's own refusal in `data`, or the transport's trouble below. */
const ConnectError = z.object({
  data: Refused.optional().catch(undefined),
  description: z
    .object({ message: z.string().catch(''), error: z.instanceof(Error).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

/** OpenSSL's and Node's names for a certificate that is not the right one. */
const CERTIFICATE_TROUBLE =
  /^(CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_(GET_ISSUER|VERIFY)|INVALID_(CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_|ERR_TLS_CERT_)/;

function connectionError(error: unknown, url: string): ProtocolError {
  const { data, description } = ConnectError.catch({}).parse(error);
  if (data !== undefined) return new ProtocolError(data.code, data.detail, { cause: error });
  const below = description?.error;
  const reason = description?.message || (error instanceof Error ? error.message : '');
  const detail = `${url}: ${reason}`;
  return new ProtocolError(isUntrusted(below) ? 'peer-untrusted' : 'dms-unreachable', detail, { cause: error });
}

/** Our own error comes from the check of the server's profile; the others are Node's. */
function isUntrusted(error: Error | undefined): boolean {
  if (error === undefined) return false;
  if (error instanceof ProtocolError) return true;
  return 'code' in error && typeof error.code === 'string' && CERTIFICATE_TROUBLE.test(error.code);
}
