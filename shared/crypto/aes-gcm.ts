/** AES-256-GCM (NIST SP 800-38D) with a tag of 16 bytes, never shorter. */
import { openGcm, sealGcm } from '#platform/aes-gcm.ts';
import { ProtocolError } from '../errors.ts';
import { invariant } from '../invariant.ts';

/** The length of the tag, in bytes. Node takes a shorter one on opening unless it is told. */
export const TAG_BYTES = 16;

const NOTHING = new Uint8Array();

/**
 * Encrypts under a key of 32 bytes and a nonce of 12 to 16 (fewer are too few to draw at random, more are not taken by
 * every OpenSSL), which must never repeat under one key.
 */
export function sealAesGcm(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associated: Uint8Array = NOTHING,
): { readonly tag: Uint8Array; readonly ciphertext: Uint8Array } {
  requireSizes(key, nonce);
  return sealGcm(key, nonce, plaintext, associated);
}

/** Decrypts. Throws `envelope-unreadable` when the tag does not fit; nothing is handed on before that is known. */
export function openAesGcm(
  key: Uint8Array,
  nonce: Uint8Array,
  { tag, ciphertext }: { readonly tag: Uint8Array; readonly ciphertext: Uint8Array },
  associated: Uint8Array = NOTHING,
): Uint8Array {
  requireSizes(key, nonce);
  if (tag.length !== TAG_BYTES) throw new ProtocolError('envelope-unreadable');
  try {
    return openGcm(key, nonce, { tag, ciphertext }, associated);
  } catch (cause) {
    // Sizes were checked: what is left is that the tag does not fit.
    throw new ProtocolError('envelope-unreadable', undefined, { cause });
  }
}

function requireSizes(key: Uint8Array, nonce: Uint8Array): void {
  invariant(key.length === 32, 'AES-256 has a key of 32 bytes');
  invariant(nonce.length >= 12 && nonce.length <= 16, 'a nonce has 12 to 16 bytes');
}
