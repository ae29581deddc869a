/**
 * HTTP by `fetch`: the twin of `node/http-exchange.ts`. Whom TLS trusts is for the platform to say, where the root has to be
 * installed; the root that was pinned is what certificates, tokens, stamps and receipts are verified under, here as there.
 */

import type { Exchanged, ExchangeOptions, ExchangeRequest } from '../twins.ts';
import { concat } from './bytes.ts';

/** What `send` throws is about the network and the peer. */
export class HttpExchange {
  readonly #timeoutMs: number;
  readonly #maxReplyBytes: number;

  constructor({ timeoutMs, maxReplyBytes }: ExchangeOptions) {
    this.#timeoutMs = timeoutMs;
    this.#maxReplyBytes = maxReplyBytes;
  }

  async send(url: URL, { method, headers, body }: ExchangeRequest): Promise<Exchanged> {
    const reply = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(this.#timeoutMs),
      redirect: 'error',
      credentials: 'omit',
      // Entity tags are compared here: a cache in between would hide the answer 304.
      cache: 'no-store',
    });
    const header = (name: string) => reply.headers.get(name) ?? undefined;
    return {
      status: reply.status,
      etag: header('etag'),
      retryAfter: header('retry-after'),
      body: await this.#read(reply),
    };
  }

  /** Nothing is kept open that is ours to close. */
  async close(): Promise<void> {
    return undefined;
  }

  async #read({ body }: Response): Promise<Uint8Array> {
    const reader = body?.getReader();
    const chunks: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const chunk = await reader?.read();
      if (chunk === undefined || chunk.done) break;
      length += chunk.value.length;
      if (length > this.#maxReplyBytes) {
        await reader?.cancel();
        throw new Error('the reply is too long');
      }
      chunks.push(chunk.value);
    }
    return concat(chunks);
  }
}
