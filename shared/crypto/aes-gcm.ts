/** AES-256-GCM (NIST SP 800-38D) with a tag of 16 bytes, never shorter. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concatBytes } from '../bytes.ts';
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
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated);
  const ciphertext = concatBytes(cipher.update(plaintext), cipher.final());
  return { tag: cipher.getAuthTag(), ciphertext };
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
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associated);
  decipher.setAuthTag(tag);
  const unproven = decipher.update(ciphertext);
  try {
    return concatBytes(unproven, decipher.final());
  } catch (cause) {
    // `final` compares the tag and fails for no other reason.
    throw new ProtocolError('envelope-unreadable', undefined, { cause });
  }
}

function requireSizes(key: Uint8Array, nonce: Uint8Array): void {
  invariant(key.length === 32, 'AES-256 has a key of 32 bytes');
  invariant(nonce.length >= 12 && nonce.length <= 16, 'a nonce has 12 to 16 bytes');
}
