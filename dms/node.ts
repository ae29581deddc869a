/**
 * One DMS node, put together: what each part needs of the others is said here and nowhere else. The way of a command
 * begins in `gateway/socket-gateway.ts`; the heart is `auction-house.ts`.
 */
import { randomUUID } from 'node:crypto';
import { parseAddresses } from '../shared/address-set.ts';
import { ProtocolError, type RefusalCode } from '../shared/errors.ts';
import { systemClock } from '../shared/time/clock.ts';
import { Pseudonym, SessionId, type Subject } from '../shared/wire/vocabulary.ts';
import { Admission } from './admission/admission.ts';
import type { Peer } from './admission/authenticate-peer.ts';
import { FairTurns } from './admission/fair-turns.ts';
import { RateLimits } from './admission/rate-limits.ts';
import { Session } from './admission/session.ts';
import { SessionBook } from './admission/session-book.ts';
import { pendingNotices } from './auction/queries.ts';
import { ClosingMonitor } from './closing-monitor.ts';
import type { DmsConfig } from './config.ts';
import { DisclosureDesk } from './disclosure.ts';
import { type Foundation, newNonce, type Surroundings } from './foundation.ts';
import { Arrivals } from './gateway/arrivals.ts';
import { createBusyShare } from './gateway/busy-share.ts';
import { createDispatch } from './gateway/dispatch.ts';
import { Door } from './gateway/door.ts';
import { createHttpGateway } from './gateway/http-gateway.ts';
import { PacketGuard } from './gateway/packet-guard.ts';
import { Reading } from './gateway/reading.ts';
import { createRequestHandlers } from './gateway/request-handlers.ts';
import { SocketGateway } from './gateway/socket-gateway.ts';
import type { Statements } from './intake/open-statement.ts';
import { createStatements } from './intake/statement-pool.ts';
import { UnderWay } from './intake/under-way.ts';
import { OpeningDesk } from './proof/opening-desk.ts';
import { createProof, type Proof } from './proof/proof.ts';
import { Announcer } from './publication/announcer.ts';
import { RevocationAlarm } from './trust/revocation-alarm.ts';
import { announceArrivals, createWebServer, type WebServer } from './web-server.ts';

export interface DmsNode {
  readonly server: WebServer;
  readonly sockets: SocketGateway;
  readonly announcer: Announcer;
  readonly monitor: ClosingMonitor;
  readonly desk: DisclosureDesk;
  readonly witness: Proof['witness'];
  /** Sends what has gathered for everybody, and to each party its own. */
  tell(): void;
  /** Ends the sessions that are over, and those that do not keep up. */
  sweep(): void;
  /** From now on not ready, for those who ask. */
  retire(): void;
  /** Ends all connections, and the threads that work for them. */
  close(): Promise<void>;
}

/** Commands of one participant that wait for their turn. He is not read from while it is so many. */
const MOST_WAITING = 8;

/** Puts the parts together. Nothing listens yet, and nothing runs by itself. */
export function createNode(config: DmsConfig, foundation: Foundation, around: Surroundings): DmsNode {
  const { house, time, revocations, keyring, service, node } = foundation;
  const { clock, log, onFailure, maxWaitingBytes } = around;
  const announcer = new Announcer(house.position);
  const sessions = new SessionBook();
  const expel = (subject: Subject) => sessions.endAll(subject, 'too-many-requests', 'mistakes');
  const limits = new RateLimits(clock, around.rates, expel);
  const turns = new FairTurns<Subject>();
  const underWay = new UnderWay();
  const statements = around.statements ?? createStatements();
  const door = createDoor(config, around);
  const desk = new DisclosureDesk({
    ...{ house, service, node, time, log, onFailure },
    authority: keyring.authority,
  });
  const monitor = new ClosingMonitor({
    ...{ house, time, log },
    settled: () => underWay.settled(),
    onSold: (lot) => desk.request(lot),
  });
  const proof = createProof(foundation);
  const readiness = new Readiness(foundation);
  const admission = new Admission({ demandOpen: () => readiness.demandOpen(), limits, sessions, trust: foundation });
  const alarm = new RevocationAlarm({ time, revocations, log });
  const gateway = createHttpGateway({
    ...{ door, unreadiness: () => readiness.unreadiness(), logRoutes: proof.routes, log },
    about: { house: house.house, authority: keyring.authority, trustedService: config.trustedServiceUrl },
  });
  const server = createWebServer(config.tls ? node.tls : undefined, gateway);
  const arrivals = receiveArrivals(server, door);
  const sockets = new SocketGateway({
    ...{ server, door, sessions, log, maxWaitingBytes },
    authenticate: (auth, caller) => admission.authenticate(auth, caller),
    createSession: (peer, onEnd) => createSession(peer, onEnd, statements, foundation, around),
    dispatch: createDispatch({ handlers: handlers(), log, onFailure }),
    packets: createPacketGuard(limits, turns),
    onUnknownEvent: (subject) => limits.countMistake(subject),
    pendingNotices: (subject) => pendingNotices(house.notices.lotsOf(subject), subject),
    newRoomName: randomUUID,
  });
  return {
    ...{ server, sockets, announcer, monitor, desk, tell, witness: proof.witness },
    sweep: () => {
      sessions.endDue(...present());
      sockets.dropSlow();
      alarm.look();
    },
    retire: () => readiness.retire(),
    close: async () => {
      arrivals.close();
      await sockets.close();
      await statements.close();
    },
  };

  function tell(): void {
    const tick = announcer.flush();
    if (tick !== undefined) sockets.send(tick);
  }

  /** The trusted time and the revocations that are in force, as far as they are known just now. */
  function present() {
    const at = time.isKnown ? time.now() : undefined;
    return [at, at === undefined ? undefined : revocations.current(at)] as const;
  }

  function handlers() {
    const newPseudonym = () => Pseudonym.parse(randomUUID());
    return createRequestHandlers({
      ...{ house, announcer, tell, limits, receipts: proof.receipts, openings: new OpeningDesk(foundation) },
      intake: { house, clock, statements, keyring, time, revocations, limits, turns, newPseudonym },
      trust: foundation,
      demandEntitled: (session) => session.demandLive(...present()),
      track: (command) => underWay.track(command),
    });
  }
}

function createDoor({ hosts, balancers = '' }: DmsConfig, { clock, maxConnections }: Surroundings): Door {
  const isBalancer = parseAddresses(balancers);
  return new Door({ hosts, clock, maxConnections, ...(isBalancer && { isBalancer }) });
}

/** Whoever connects is counted at the door, and comes in when it is his turn: by this machine's time, as the event loop's is. */
function receiveArrivals(server: WebServer, door: Door): Arrivals {
  const arrivals = new Arrivals({ clock: systemClock, busyShare: createBusyShare(), later });
  announceArrivals(server, (socket, arrival) => {
    // Who comes through a balancer takes turns for himself.
    if (door.enter(socket)) arrivals.arrive(door.callerAt(socket.remoteAddress) ?? socket, arrival);
    else arrival.end();
  });
  return arrivals;
}

/** Who has no share left, or has enough waiting, is not read from. */
function createPacketGuard(limits: RateLimits, turns: FairTurns<Subject>): PacketGuard {
  const mayRead = (subject: Subject) => limits.mayRead(subject) && turns.waitingOf(subject) < MOST_WAITING;
  return new PacketGuard({ limits, reading: new Reading({ mayRead, later }), nextTurn: setImmediate });
}

function later(work: () => void, ms: number): void {
  setTimeout(work, ms).unref();
}

function createSession(
  peer: Peer,
  onEnd: (code: RefusalCode, detail?: string) => void,
  statements: Statements,
  { house, node, time }: Foundation,
  { clock }: Surroundings,
): Session {
  return new Session(peer, {
    ...{ house: house.house, node, time, clock, onEnd },
    onForget: (session) => statements.forget(session),
    newId: () => SessionId.parse(randomUUID()),
    newNonce,
  });
}

/** Whether commands can be taken just now. */
class Readiness {
  readonly #foundation: Foundation;
  #isRetired = false;

  constructor(foundation: Foundation) {
    this.#foundation = foundation;
  }

  retire(): void {
    this.#isRetired = true;
  }

  /** Throws 'shutting-down' for those who come too late. */
  demandOpen(): void {
    if (this.#isRetired) throw new ProtocolError('shutting-down');
  }

  unreadiness(): RefusalCode | undefined {
    const { time, revocations, house } = this.#foundation;
    if (this.#isRetired) return 'shutting-down';
    if (house.trouble !== undefined) return house.trouble;
    if (!time.isKnown) return 'trusted-time-unavailable';
    return revocations.current(time.now()) === undefined ? 'revocation-list-stale' : undefined;
  }
}
