/** What both twins of a door take and give: said once, so that they can't come apart. */
import type { ServerTrust } from '../pki/server-trust.ts';

/** Argon2id (RFC 9106, section 3.1). */
export interface Argon2Parameters {
  readonly message: Uint8Array;
  readonly salt: Uint8Array;
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
  readonly length: number;
}

/** The two coordinates of a public key, 32 bytes each, in base64url. */
export interface Coordinates {
  readonly x: string;
  readonly y: string;
}

/** Seals one message to the key for which it was begun. */
export type Seal = (plaintext: Uint8Array) => Uint8Array;

export interface ExchangeOptions {
  /** For the whole call; where connections are kept, also for connecting. */
  readonly timeoutMs: number;
  readonly maxReplyBytes: number;
  readonly trust: ServerTrust;
}

export interface Exchanged {
  readonly status: number;
  readonly etag: string | undefined;
  readonly retryAfter: string | undefined;
  readonly body: Uint8Array;
}

export interface ExchangeRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Record<string, string>;
  readonly body?: string | undefined;
}
