/** SHA-256 in plain JavaScript (WebCrypto's makes everybody wait for a promise): the twin of `node/sha256.ts`. */
import { sha256 } from '@noble/hashes/sha2.js';

/** Of the parts, one after the other. */
export function hashSha256(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const running = sha256.create();
  for (const part of parts) running.update(part);
  return new Uint8Array(running.digest());
}
