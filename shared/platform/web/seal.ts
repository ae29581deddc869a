/** Sealing in plain JavaScript: the twin of `node/seal.ts`. */
import { sealForKey } from '../../crypto/ecies-box.ts';
import type { Seal } from '../twins.ts';

/** Begins to seal what only the holder of `publicKey` (raw X25519, 32 bytes) reads. A bad key is `malformed` when it seals. */
export async function beginSealing(publicKey: Uint8Array): Promise<Seal> {
  return (plaintext) => sealForKey(publicKey, plaintext);
}
