/** Sealing in plain JavaScript: the twin of `node/seal.ts`. */
import { sealForKey } from '../../crypto/ecies-box.ts';

/** Seals `plaintext` so that only the holder of `publicKey` (raw X25519, 32 bytes) reads it. Throws `malformed` for a bad key. */
export async function seal(publicKey: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array> {
  return sealForKey(publicKey, plaintext);
}
