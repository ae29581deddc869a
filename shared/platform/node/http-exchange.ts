/** HTTP with a pinned root: the one door of undici. Its twin, which trusts whom the platform trusts, is `web/http-exchange.ts`. */
import { Agent, request } from 'undici';
import { createServerIdentityCheck } from '../../pki/check-server-identity.ts';
import type { ServerTrust } from '../../pki/server-trust.ts';
import type { Exchanged, ExchangeOptions, ExchangeRequest } from '../twins.ts';

/** Connections at once; what is beyond waits for one of them, within its own limit of time. A server counts them by address. */
const MAX_CONNECTIONS = 32;

/** Kept-alive connections. What `send` throws is about the network and the peer; its `code` says what. */
export class HttpExchange {
  readonly #agent: Agent;
  readonly #timeoutMs: number;

  constructor({ timeoutMs, maxReplyBytes, trust }: ExchangeOptions) {
    this.#timeoutMs = timeoutMs;
    this.#agent = new Agent({
      connect: { ...tlsFor(trust), minVersion: 'TLSv1.3', timeout: timeoutMs },
      allowH2: false,
      connections: MAX_CONNECTIONS,
      maxResponseSize: maxReplyBytes,
    });
  }

  async send(url: URL, { method, headers, body }: ExchangeRequest): Promise<Exchanged> {
    const reply = await request(url, {
      dispatcher: this.#agent,
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(this.#timeoutMs),
    });
    const { etag, 'retry-after': retryAfter } = reply.headers;
    const bytes = await reply.body.bytes();
    return { status: reply.statusCode, etag: one(etag), retryAfter: one(retryAfter), body: bytes };
  }

  /** Finishes what is under way and closes the connections. */
  close(): Promise<void> {
    return this.#agent.close();
  }
}

function tlsFor(trust: ServerTrust) {
  if (trust === 'anybody') return { rejectUnauthorized: false };
  const { root, profile } = trust;
  return { ca: root.pem, checkServerIdentity: createServerIdentityCheck(profile, root) };
}

/** A header that came once. */
function one(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
