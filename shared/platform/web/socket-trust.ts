/** TLS of a socket is the platform's: the twin of `node/socket-trust.ts`. The handshake inside proves who the house is. */
import type { ServerTrust } from '../../pki/server-trust.ts';

/** What is given to the transport of a socket to `url`. */
export function socketTrust(_url: string, _trust: Exclude<ServerTrust, 'anybody'>): { readonly agent?: never } {
  return {};
}
