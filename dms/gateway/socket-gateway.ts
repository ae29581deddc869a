/** The sockets: the only place that knows Socket.IO. It knows no rules; what it is sent goes to `dispatch`, what it sends comes from the announcer. */
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { Server, type Socket } from 'socket.io';
import { adviceFor, ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import type { AuctionClosed } from '../../shared/wire/announcements.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '../../shared/wire/socket-events.ts';
import type { Subject } from '../../shared/wire/vocabulary.ts';
import type { Peer } from '../admission/authenticate-peer.ts';
import type { Session } from '../admission/session.ts';
import type { SessionBook } from '../admission/session-book.ts';
import type { Log } from '../log.ts';
import type { Tick } from '../publication/announcer.ts';
import { disclosureRooms } from '../publication/disclosure-room.ts';
import { type Backlog, isTooMuch, tooSlow } from './backlog.ts';
import {
  backlogOf,
  cutOff,
  destroy,
  forgetRequest,
  leaveUnread,
  pauseReading,
  resumeReading,
  sendToAll,
} from './connection-internals.ts';
import { type Dispatch, refused } from './dispatch.ts';
import type { Door } from './door.ts';
import { encodeFrames, type SentEvent } from './frames.ts';
import { Leavers } from './leavers.ts';
import type { Guarded, PacketGuard } from './packet-guard.ts';
import { CONNECT_LIMIT_MS, SOCKET_OPTIONS } from './socket-options.ts';

export interface SocketGatewayParts {
  readonly server: HttpServer | HttpsServer;
  readonly door: Pick<Door, 'refusalOf' | 'callerAt'>;
  /** Verifies the `auth` of a connection, in the turn of its caller. Throws `ProtocolError`. */
  readonly authenticate: (auth: unknown, caller: string) => Promise<Peer>;
  readonly createSession: (peer: Peer, onEnd: (code: RefusalCode, detail?: string) => void) => Session;
  readonly sessions: SessionBook;
  readonly dispatch: Dispatch;
  readonly packets: PacketGuard;
  /** Told of an event of a name that we do not know, by who is admitted. */
  readonly onUnknownEvent: (subject: Subject) => void;
  /** What a participant has still to hear in private. */
  readonly pendingNotices: (subject: Subject) => AuctionClosed[];
  readonly newRoomName: () => string;
  /** What all connections together may leave unread; `MAX_WAITING_BYTES_IN_ALL` if absent. */
  readonly maxWaitingBytes?: number | undefined;
  readonly log: Log;
}

type Connected = Socket<ClientToServerEvents, ServerToClientEvents>;

export class SocketGateway {
  readonly #parts: SocketGatewayParts;
  readonly #io: Server<ClientToServerEvents, ServerToClientEvents>;
  readonly #sockets = new Map<Session, Connected>();
  /** Those who hear what everybody hears. */
  readonly #listening = new WeakSet<Connected>();
  /** Connections that have asked to be let in. The flag is set before the first `await`: nobody asks twice. */
  readonly #asked = new WeakSet<object>();
  readonly #sessionOn = new WeakMap<object, Session>();
  readonly #leavers: Leavers;
  /** Events of names that we do not know, for the operator. */
  unknownEvents = 0;

  constructor(parts: SocketGatewayParts) {
    this.#parts = parts;
    this.#leavers = new Leavers(parts.log, () => this.#sockets.size);
    this.#io = new Server(parts.server, {
      ...SOCKET_OPTIONS,
      allowRequest: (request, decide) => this.#decide(request, decide),
    });
    this.#io.engine.on('connection', (connection) => {
      leaveUnread(connection);
      this.#guardPackets(connection);
      this.#limitSilence(connection);
    });
    this.#io.use((socket, next) => {
      this.#admit(socket).then(
        () => next(),
        (error: unknown) => this.#refuse(socket, error, next),
      );
    });
    this.#io.on('connection', (socket) => this.#welcome(socket));
  }

  /** Sends what one tick has gathered: one frame of each kind, the checkpoint last, and each party its own notices. */
  send({ listed, bids, closed, checkpoint, notices }: Tick): void {
    const events: SentEvent[] = [];
    const add = (name: keyof ServerToClientEvents, list: readonly unknown[]) =>
      list.length > 0 && events.push([name, list]);
    add('someone_listed', listed);
    add('someone_bid', bids);
    add('item_closed', closed);
    if (checkpoint !== undefined) add('checkpoint', [checkpoint]);
    if (events.length > 0) {
      const everybody = [...this.#sockets.values()].filter((socket) => this.#listening.has(socket));
      sendToAll(everybody, encodeFrames(events));
    }
    this.#disclose(notices);
  }

  /** Ends the connections that do not read what they are sent, the worst first. */
  dropSlow(): void {
    const backlogs = new Map<Session, Backlog>();
    for (const [session, socket] of this.#sockets) {
      const backlog = backlogOf(socket);
      if (backlog.packets > 0 || backlog.bytes > 0) backlogs.set(session, backlog);
    }
    const dropped = tooSlow(backlogs, this.#parts.maxWaitingBytes);
    const forAll = dropped.filter((session) => !isTooMuch(backlogs.get(session) as Backlog)).length;
    if (forAll > 0)
      this.#parts.log.warn({ sessions: forAll }, 'all together leave too much unread, so the worst are dropped');
    for (const session of dropped) session.end('too-slow');
  }

  /** Tells everybody that we stop, and closes all connections. */
  async close(): Promise<void> {
    const gone = Array.from(this.#sockets, ([session, socket]) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      socket.once('disconnect', () => resolve());
      session.end('shutting-down');
      return promise;
    });
    await Promise.all(gone);
    await this.#io.close();
  }

  #decide(request: IncomingMessage, decide: (message: string | null, isAllowed: boolean) => void): void {
    const code = this.#parts.door.refusalOf(request);
    decide(code ?? null, code === undefined);
  }

  /** Whatever kind of packet it is, it is counted before anything is made of it. */
  #guardPackets(connection: Connected['conn']): void {
    const sessionOn = () => this.#sessionOn.get(connection);
    const guarded: Guarded = {
      get subject() {
        const session = sessionOn();
        return session?.isAdmitted === true ? session.subject : undefined;
      },
      pause: () => pauseReading(connection),
      resume: () => resumeReading(connection),
      destroy: () => destroy(connection),
    };
    connection.on('packet', this.#parts.packets.watch(guarded));
    connection.on('close', () => this.#parts.packets.forget(guarded));
  }

  /** Socket.IO only asks such a connection to close, and waits half a minute for the other side to agree. */
  #limitSilence(connection: Connected['conn']): void {
    const timer = setTimeout(() => {
      if (!this.#asked.has(connection)) destroy(connection);
    }, CONNECT_LIMIT_MS);
    timer.unref();
  }

  async #admit(socket: Connected): Promise<void> {
    if (this.#asked.has(socket.conn)) throw new ProtocolError('handshake-out-of-order');
    this.#asked.add(socket.conn);
    const { door, authenticate, createSession, sessions } = this.#parts;
    const { auth, address } = socket.handshake;
    // Who comes through a balancer takes turns for himself.
    const peer = await authenticate(auth, door.callerAt(address) ?? socket.id);
    sessions.demandRoom(peer.subject);
    const session = createSession(peer, (code, detail) => this.#end(socket, code, detail));
    socket.data = session;
  }

  #refuse(socket: Connected, error: unknown, next: (error: Error) => void): void {
    const isRefusal = error instanceof ProtocolError;
    if (!isRefusal) this.#parts.log.error({ err: error }, 'an admission failed by a mistake of ours');
    const { code, detail } = isRefusal ? error : new ProtocolError('internal');
    next(Object.assign(new Error(adviceFor(code)), { data: refused(code, detail) }));
    // The refusal goes out first; then there is nothing left to say on this connection.
    cutOff(socket);
  }

  #welcome(socket: Connected): void {
    const session = socket.data as Session;
    const { sessions, dispatch } = this.#parts;
    forgetRequest(socket);
    const connection = {
      session,
      join: () => void this.#listening.add(socket),
      sendNotices: () => this.#sendPending(session, socket),
    };
    // Never hands on: a listener of a stranger's choice, such as 'error' or '__proto__', is then never looked for.
    socket.use((packet) => {
      // Who does not read what he asked for is asked nothing more: answers would pile up until the next look.
      if (isTooMuch(backlogOf(socket))) session.end('too-slow');
      else if (!dispatch(connection, packet)) this.#countUnknown(session);
    });
    socket.on('disconnect', (reason) => {
      sessions.leave(session);
      this.#sockets.delete(session);
      this.#leavers.add({ session: session.id, reason });
    });
    this.#sockets.set(session, socket);
    this.#sessionOn.set(socket.conn, session);
    try {
      sessions.enter(session);
    } catch (error) {
      // Several of one participant came at the same moment, and this is the one too many.
      if (!(error instanceof ProtocolError)) throw error;
      session.end(error.code, error.detail);
    }
  }

  #countUnknown(session: Session): void {
    this.unknownEvents += 1;
    if (session.isAdmitted) this.#parts.onUnknownEvent(session.subject);
  }

  /** The parties of each sale meet in a room of their own, and each gets its own notice: one frame, whatever it sold. */
  #disclose(notices: Tick['notices']): void {
    for (const { name, parties } of disclosureRooms(notices, this.#parts.newRoomName)) {
      for (const { to } of parties) for (const socket of this.#socketsOf(to)) void socket.join(name);
    }
    for (const [to, own] of Map.groupBy(notices, (notice) => notice.to)) {
      const frame = own.map(({ notice }) => notice);
      for (const socket of this.#socketsOf(to)) socket.emit('auction_closed', frame);
    }
  }

  #sendPending(session: Session, socket: Connected): void {
    const notices = this.#parts.pendingNotices(session.subject);
    if (notices.length > 0) socket.emit('auction_closed', notices);
  }

  #socketsOf(subject: Subject): Connected[] {
    return this.#parts.sessions
      .admitted(subject)
      .map((session) => this.#sockets.get(session))
      .filter((socket) => socket !== undefined);
  }

  #end(socket: Connected, code: RefusalCode, detail?: string): void {
    this.#parts.log.info({ code, detail }, 'ending a session');
    socket.emit('session_ended', refused(code, detail));
    // Who asks too much goes on asking, until he has read that it is over.
    if (code === 'too-many-requests') pauseReading(socket.conn);
    cutOff(socket);
  }
}
