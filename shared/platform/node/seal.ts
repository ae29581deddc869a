/** Sealing by OpenSSL. Its twin is `web/seal.ts`. */
import { sealTo } from '../../crypto/ecies.ts';

/** Seals `plaintext` so that only the holder of `publicKey` (raw X25519, 32 bytes) reads it. Throws `malformed` for a bad key. */
export function seal(publicKey: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array> {
  return sealTo(publicKey, plaintext);
}
