/**
 * Who may connect at all, and ask over HTTP: by how many he is, before a byte is read from him or a handshake of TLS is
 * worked out for him, and by the name that he calls us.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { RefusalCode } from '../../shared/errors.ts';
import { type CallerRefusal, createCallerCheck } from '../../shared/http-caller.ts';
import { networkOf } from '../../shared/network-of.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { type Rate, TokenBucket } from '../admission/token-bucket.ts';

export interface DoorParts {
  /** The names and addresses of this node, in canonical form. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
  /** Whether an address is that of a balancer or proxy in front of this node. */
  readonly isBalancer?: (address: string) => boolean;
  /** Connections in all; `MAX_CONNECTIONS` if absent. */
  readonly maxConnections?: number | undefined;
}

/** Connections of one address: an office behind one router. */
export const MAX_PER_ADDRESS = 256;
/** Connections in all: at some 95 KB each, most of it TLS, a gigabyte. */
export const MAX_CONNECTIONS = 10_000;
/** New connections of one address. Each costs us a handshake of TLS, and the verification of two certificates and a token. */
export const ARRIVALS = { perSecond: 20, burst: 200 };
/** Requests of one address over HTTP, which are the public log's readers and those who connect. */
export const REQUESTS = { perSecond: 200, burst: 1_000 };

/** Addresses are remembered until their buckets are full again, and looked through when there are so many. */
const SWEEP_AT = 10_000;
/** This machine, as a socket names it. Nobody has another address of 127.0.0.0/8 by accident: that is a caller of its own. */
const LOOPBACK = /^(?:(?:::ffff:)?127\.0\.0\.1|::1)$/i;

interface Visitor {
  connections: number;
  readonly arrivals: TokenBucket;
  readonly requests: TokenBucket;
}

export class Door {
  readonly #callerRefusal: (headers: IncomingMessage['headers']) => CallerRefusal | undefined;
  readonly #clock: Clock;
  readonly #isBalancer: (address: string) => boolean;
  readonly #maxConnections: number;
  readonly #visitors = new Map<string, Visitor>();
  #connections = 0;
  #sweepAt = SWEEP_AT;

  constructor({ hosts, clock, isBalancer = () => false, maxConnections = MAX_CONNECTIONS }: DoorParts) {
    this.#callerRefusal = createCallerCheck(hosts);
    this.#clock = clock;
    this.#isBalancer = isBalancer;
    this.#maxConnections = maxConnections;
  }

  /** Whether one more connection may be made. One that may is counted until it is closed. */
  enter(socket: Pick<Socket, 'remoteAddress' | 'once'>): boolean {
    if (this.#connections >= this.#maxConnections) return false;
    const visitor = this.#visitorAt(socket.remoteAddress);
    if (visitor !== undefined) {
      if (visitor.connections >= MAX_PER_ADDRESS || !visitor.arrivals.take()) return false;
      visitor.connections += 1;
    }
    this.#connections += 1;
    socket.once('close', () => this.#leave(visitor));
    return true;
  }

  /** Why a request is not served: somebody else's name (DNS rebinding), somebody else's web page, or one too many. */
  refusalOf({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): RefusalCode | undefined {
    const refusal = this.#callerRefusal(headers);
    if (refusal !== undefined) return refusal;
    const visitor = this.#visitorAt(socket.remoteAddress);
    return visitor === undefined || visitor.requests.take() ? undefined : 'too-many-requests';
  }

  /** As whom an address is counted; `undefined` for this machine and a balancer, which speak for many. */
  callerAt(address = ''): string | undefined {
    return LOOPBACK.test(address) || this.#isBalancer(address) ? undefined : networkOf(address);
  }

  #visitorAt(address: string | undefined): Visitor | undefined {
    const caller = this.callerAt(address);
    // Whoever is on this machine is its operator, or a proxy that speaks for everybody: the limit in all is enough.
    if (caller === undefined) return undefined;
    const known = this.#visitors.get(caller);
    if (known !== undefined) return known;
    if (this.#visitors.size >= this.#sweepAt) this.#forgetAbsent();
    const newBucket = (rate: Rate) => new TokenBucket(rate, this.#clock);
    const visitor = { connections: 0, arrivals: newBucket(ARRIVALS), requests: newBucket(REQUESTS) };
    this.#visitors.set(caller, visitor);
    return visitor;
  }

  #leave(visitor: Visitor | undefined): void {
    this.#connections -= 1;
    if (visitor !== undefined) visitor.connections -= 1;
  }

  /** Those who have no connection and have not come lately. Looking again is due when there are twice as many as are left. */
  #forgetAbsent(): void {
    for (const [caller, { connections, arrivals, requests }] of this.#visitors) {
      if (connections === 0 && arrivals.isFull && requests.isFull) this.#visitors.delete(caller);
    }
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#visitors.size);
  }
}
