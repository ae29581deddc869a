/** SHA-256 by OpenSSL. Its twin is `web/sha256.ts`. */
import { createHash, hash } from 'node:crypto';

/** Of the parts, one after the other. */
export function hashSha256(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return new Uint8Array(hash('sha256', only, 'buffer'));
  const running = createHash('sha256');
  for (const part of parts) running.update(part);
  return new Uint8Array(running.digest());
}
