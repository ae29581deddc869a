/**
 * AES-256-GCM by OpenSSL, with a tag of 16 bytes. Its twin is `web/aes-gcm.ts`; sizes are checked by shared/crypto/aes-gcm.ts.
 * Bytes are made a key first: Node would do that too, after it has spent 20 µs on trying whether they are one.
 */
import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';

const TAG_BYTES = 16;

export interface GcmSealed {
  readonly tag: Uint8Array;
  readonly ciphertext: Uint8Array;
}

export function sealGcm(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): GcmSealed {
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated);
  const ciphertext = new Uint8Array(Buffer.concat([cipher.update(plaintext), cipher.final()]));
  return { tag: cipher.getAuthTag(), ciphertext };
}

/** Throws where the tag does not fit, and for no other reason. */
export function openGcm(
  key: Uint8Array,
  nonce: Uint8Array,
  { tag, ciphertext }: GcmSealed,
  associated: Uint8Array,
): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associated);
  decipher.setAuthTag(tag);
  return new Uint8Array(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
}
