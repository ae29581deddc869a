/** TLS of a socket, with a pinned root. Its twin, which leaves it to the platform, is `web/socket-trust.ts`. */
import { Agent } from 'node:https';
import { createServerIdentityCheck } from '../../pki/check-server-identity.ts';
import type { ServerTrust } from '../../pki/server-trust.ts';

/** What is given to the transport of a socket to `url`. */
export function socketTrust(url: string, trust: Exclude<ServerTrust, 'anybody'>): { readonly agent?: never } {
  if (!url.startsWith('https:')) return {};
  const checkServerIdentity = createServerIdentityCheck(trust.profile, trust.root);
  const agent = new Agent({ ca: trust.root.pem, minVersion: 'TLSv1.3', checkServerIdentity });
  // Node's agent is what the transport hands on to `ws`; the type names only what a browser could do with it.
  return { agent: agent as never };
}
