/** How many connections there may be, of one address and in all, before a handshake of TLS is worked out for them: requests are counted only after it. */
import type { Socket } from 'node:net';
import { parseAddresses } from '../../shared/address-set.ts';
import { networkOf } from '../../shared/network-of.ts';

/** A hall of people behind one router, each with a few. */
export const MAX_CONNECTIONS_PER_ADDRESS = 1_024;
/** Each costs some 30 KB. */
export const MAX_CONNECTIONS = 10_000;
/** Whoever is on this machine is its operator, or a proxy that speaks for everybody. */
const THIS_MACHINE = '127.0.0.0/8,::1';

export class ConnectionLimits {
  readonly #maxInAll: number;
  readonly #isExempt: (address: string) => boolean;
  /** Of addresses that have a connection. */
  readonly #counts = new Map<string, number>();
  #inAll = 0;

  /** Who comes through one of `proxies` is counted in all alone. */
  constructor(proxies: readonly string[], maxInAll: number = MAX_CONNECTIONS) {
    this.#maxInAll = maxInAll;
    this.#isExempt = parseAddresses([THIS_MACHINE, ...proxies].join()) ?? (() => false);
  }

  /** Whether one more connection may be made. One that may is counted until it is closed. */
  enter(socket: Pick<Socket, 'remoteAddress' | 'once'>): boolean {
    const { remoteAddress = '' } = socket;
    const network = this.#isExempt(remoteAddress) ? undefined : networkOf(remoteAddress);
    const count = network === undefined ? 0 : (this.#counts.get(network) ?? 0);
    if (this.#inAll >= this.#maxInAll || count >= MAX_CONNECTIONS_PER_ADDRESS) return false;
    this.#inAll += 1;
    if (network !== undefined) this.#counts.set(network, count + 1);
    socket.once('close', () => this.#leave(network));
    return true;
  }

  #leave(network: string | undefined): void {
    this.#inAll -= 1;
    if (network === undefined) return;
    const left = (this.#counts.get(network) ?? 0) - 1;
    if (left > 0) this.#counts.set(network, left);
    else this.#counts.delete(network);
  }
}
