/** Who may connect at all, before a single byte is read from him: by the name that he calls us, and how many he is. */
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import type { RefusalCode } from '../../shared/errors.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { TokenBucket } from '../admission/token-bucket.ts';

export interface DoorParts {
  /** The names and addresses of this node, in canonical form. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
  /** Whether an address is that of a balancer or proxy in front of this node. */
  readonly isBalancer?: (address: string) => boolean;
}

/** Connections of one address: an office behind one router. */
const MAX_PER_ADDRESS = 256;
/** Connections in all: at some 95 KB each, most of it TLS, a gigabyte. */
const MAX_CONNECTIONS = 10_000;
/** New connections of one address. Each costs us the verification of two certificates and a token. */
const ARRIVALS = { perSecond: 20, burst: 200 };

/** A name or an address, IPv6 in brackets, and perhaps a port (RFC 9110 section 7.2). */
const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::\d{1,5})?$/;

interface Visitor {
  connections: number;
  readonly arrivals: TokenBucket;
}

export class Door {
  readonly #hosts: ReadonlySet<string>;
  readonly #clock: Clock;
  readonly #isBalancer: (address: string) => boolean;
  readonly #visitors = new Map<string, Visitor>();
  #connections = 0;

  constructor({ hosts, clock, isBalancer = () => false }: DoorParts) {
    this.#isBalancer = isBalancer;
    this.#hosts = new Set(hosts.map((host) => host.toLowerCase()));
    this.#clock = clock;
  }

  /** Why a request of any kind is not served: somebody else's name (DNS rebinding), or somebody else's web page. */
  refusalOf({ headers }: Pick<IncomingMessage, 'headers'>): RefusalCode | undefined {
    const host = headers.host?.toLowerCase() ?? '';
    const [, address, name] = HOST.exec(host) ?? [];
    if (!this.#hosts.has(address ?? name ?? '')) return 'host-not-allowed';
    const { origin } = headers;
    // An opaque origin, `null`, has no host and is refused with the others.
    return origin === undefined || URL.parse(origin)?.host === host ? undefined : 'origin-not-allowed';
  }

  /** The same for a connection that wants to stay. One that may is counted until its socket is closed. */
  admit(request: IncomingMessage): RefusalCode | undefined {
    const refusal = this.refusalOf(request);
    if (refusal !== undefined) return refusal;
    if (this.#connections >= MAX_CONNECTIONS) return 'too-many-requests';
    const remote = request.socket.remoteAddress ?? '';
    const address = networkOf(remote);
    // Whoever is on this machine is its operator, or a proxy that speaks for everybody: the limit in all is enough.
    const visitor = address === 'loopback' || this.#isBalancer(remote) ? undefined : this.#visitor(address);
    if (visitor !== undefined) {
      if (visitor.connections >= MAX_PER_ADDRESS || !visitor.arrivals.take()) return 'too-many-requests';
      visitor.connections += 1;
    }
    this.#connections += 1;
    request.socket.once('close', () => this.#leave(visitor));
    return undefined;
  }

  #visitor(address: string): Visitor {
    const known = this.#visitors.get(address);
    if (known !== undefined) return known;
    if (this.#visitors.size >= MAX_CONNECTIONS) this.#forgetAbsent();
    const visitor = { connections: 0, arrivals: new TokenBucket(ARRIVALS, this.#clock) };
    this.#visitors.set(address, visitor);
    return visitor;
  }

  #leave(visitor: Visitor | undefined): void {
    this.#connections -= 1;
    if (visitor !== undefined) visitor.connections -= 1;
  }

  /** Who has no connection and has not come lately. */
  #forgetAbsent(): void {
    for (const [address, { connections, arrivals }] of this.#visitors) {
      if (connections === 0 && arrivals.isFull) this.#visitors.delete(address);
    }
  }
}

/** What counts as one address: an IPv4 address, or the 64 bits of IPv6 that one customer of a network has. */
function networkOf(address: string): string {
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (v4 !== undefined) return v4.startsWith('127.') ? 'loopback' : v4;
  if (!isIPv6(address)) return address;
  if (address === '::1') return 'loopback';
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter((group) => group !== '').length;
  return [...groups, ...Array.from({ length: missing }, () => '0')].slice(0, 4).join(':');
}
