/** HTTP to one server. Everything that can go wrong on the way comes out as a `ProtocolError`. */

import type { z } from 'zod';
import { HttpExchange } from '#platform/http-exchange.ts';
import { ProtocolError, type RefusalCode } from './errors.ts';
import type { ServerTrust } from './pki/server-trust.ts';
import { parseStrictJson } from './strict-json.ts';
import { Problem } from './wire/http-endpoints.ts';

export interface ConnectionOptions {
  readonly baseUrl: string;
  /** For connecting, and again for the whole call. */
  readonly timeoutMs: number;
  readonly maxReplyBytes: number;
  /** Whom to trust; the version of TLS is not the caller's choice. */
  readonly trust: ServerTrust;
  /** How it is said that this server does not answer; as of the Trusted Service if not given. */
  readonly unreachable?: 'trusted-service-unreachable' | 'dms-unreachable';
}

export interface HttpReply {
  /** The server's address, for messages. */
  readonly origin: string;
  /** How it is said that this server does not answer. */
  readonly unreachable: RefusalCode;
  readonly status: number;
  readonly etag: string | undefined;
  /** What the server asks for before the next attempt (RFC 9110, section 10.2.3). */
  readonly retryAfterMs: number | undefined;
  readonly body: Uint8Array;
}

interface Sent {
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** As long as the longest limit of our services. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** Kept-alive connections to one server. */
export class HttpConnection {
  readonly #base: URL;
  readonly #exchange: HttpExchange;
  readonly #unreachable: RefusalCode;

  constructor({ baseUrl, unreachable = 'trusted-service-unreachable', ...options }: ConnectionOptions) {
    this.#unreachable = unreachable;
    this.#base = parseBase(baseUrl, unreachable);
    this.#exchange = new HttpExchange(options);
  }

  /** One request and its whole reply, whatever its status. Throws what says that the server is unreachable, or 'peer-untrusted'. */
  async send(method: 'GET' | 'POST', path: string, { headers = {}, body }: Sent): Promise<HttpReply> {
    const { origin } = this.#base;
    try {
      const url = new URL(path.slice(1), this.#base);
      const { retryAfter, ...reply } = await this.#exchange.send(url, {
        method,
        headers: { accept: 'application/json', ...headers },
        body,
      });
      return { origin, unreachable: this.#unreachable, ...reply, retryAfterMs: parseRetryAfter(retryAfter) };
    } catch (error) {
      throw refusalFor(error, origin, this.#unreachable);
    }
  }

  /** Finishes what is under way and closes the connections. */
  close(): Promise<void> {
    return this.#exchange.close();
  }
}

/** Seconds, as our services write it; a proxy's dates are not looked at. Nobody is sent away for longer than the most. */
function parseRetryAfter(text = ''): number | undefined {
  return /^\d{1,9}$/.test(text) ? Math.min(Number(text) * 1_000, MAX_RETRY_AFTER_MS) : undefined;
}

/** The base of all paths, which may itself have one. */
function parseBase(baseUrl: string, unreachable: RefusalCode): URL {
  const text = baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`;
  const base = URL.parse(text);
  if (base === null || !['https:', 'http:'].includes(base.protocol)) {
    throw new ProtocolError(unreachable, `${baseUrl} is not an address that begins with https://`);
  }
  return base;
}

/** How Node names what is wrong with a server's certificate: OpenSSL's verification errors, and its own about the name. */
const UNTRUSTED =
  /^(CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_(GET_ISSUER|VERIFY|DECRYPT|DECODE)|INVALID_(CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_|ERR_TLS_CERT_)/;

/** undici and Node throw for the network and the peer alone; what went wrong is in `code`. */
function refusalFor(error: unknown, origin: string, unreachable: RefusalCode): ProtocolError {
  const reason = reasonOf(error);
  const detail = `${origin}: ${reason}`;
  // Our own error comes from the check of the server's profile.
  const untrusted = error instanceof ProtocolError || UNTRUSTED.test(reason);
  return new ProtocolError(untrusted ? 'peer-untrusted' : unreachable, detail, { cause: error });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // An `AbortSignal`'s own error has a number for a code.
  if (error.name === 'TimeoutError') return 'no answer in time';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

/** A reply with a status of success; any other becomes the refusal that the service answered with. */
export function successful(reply: HttpReply): HttpReply {
  if (reply.status >= 200 && reply.status < 300) return reply;
  const problem = Problem.safeParse(jsonOf(reply));
  if (problem.success) throw refusedBy(problem.data, reply);
  // Not an error of this protocol: a proxy's page, or a server of another kind.
  throw unreadable(reply);
}

function refusedBy({ code, detail }: Problem, { retryAfterMs }: HttpReply): ProtocolError {
  return new ProtocolError(code, detail, retryAfterMs === undefined ? {} : { retryAfterMs });
}

/** The answer of a successful reply, in the form that its schema asks for. */
export function parseAnswer<Answer>(reply: HttpReply, schema: z.ZodType<Answer>): Answer {
  const answer = schema.safeParse(jsonOf(successful(reply)));
  if (!answer.success) throw unreadable(reply);
  return answer.data;
}

function jsonOf(reply: HttpReply): unknown {
  try {
    return parseStrictJson(reply.body);
  } catch (error) {
    // Not 'malformed', which would blame whoever asked us: it is the server's answer that can't be read.
    if (error instanceof ProtocolError) throw unreadable(reply);
    throw error;
  }
}

function unreadable({ origin, status, unreachable }: HttpReply): ProtocolError {
  return new ProtocolError(unreachable, `${origin} answered ${status}, and not in this protocol`);
}
