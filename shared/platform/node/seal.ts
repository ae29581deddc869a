/** Sealing by OpenSSL. Its twin is `web/seal.ts`. */
import { beginSealing as begin } from '../../crypto/ecies.ts';
import type { Seal } from '../twins.ts';

/** Begins to seal what only the holder of `publicKey` (raw X25519, 32 bytes) reads. Throws `malformed` for a bad key. */
export function beginSealing(publicKey: Uint8Array): Promise<Seal> {
  return begin(publicKey);
}
