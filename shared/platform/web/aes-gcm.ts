/** AES-256-GCM in plain JavaScript: the twin of `node/aes-gcm.ts`, the one door of `@noble/ciphers`. */
import { gcm } from '@noble/ciphers/aes';
import { concat } from './bytes.ts';

const TAG_BYTES = 16;

export interface GcmSealed {
  readonly tag: Uint8Array;
  readonly ciphertext: Uint8Array;
}

export function sealGcm(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): GcmSealed {
  const sealed = gcm(key, nonce, associated).encrypt(plaintext);
  const end = sealed.length - TAG_BYTES;
  return { tag: sealed.slice(end), ciphertext: sealed.slice(0, end) };
}

/** Throws where the tag does not fit, and for no other reason. */
export function openGcm(
  key: Uint8Array,
  nonce: Uint8Array,
  { tag, ciphertext }: GcmSealed,
  associated: Uint8Array,
): Uint8Array {
  return gcm(key, nonce, associated).decrypt(concat([ciphertext, tag]));
}
