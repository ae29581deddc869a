/** HKDF with SHA-256 (RFC 5869). */
import { createSecretKey, hkdfSync } from 'node:crypto';
import { invariant } from '../invariant.ts';

/** RFC 5869, section 2.3: one byte counts the blocks of 32. */
const MAX_LENGTH = 255 * 32;

/** Derives `length` bytes. Without a salt or info those are empty, as RFC 5869 allows. */
export function hkdfSha256(
  secret: Uint8Array,
  length: number,
  { salt = new Uint8Array(), info = new Uint8Array() }: { readonly salt?: Uint8Array; readonly info?: Uint8Array } = {},
): Uint8Array {
  invariant(length <= MAX_LENGTH, 'HKDF derives at most 255 blocks');
  return new Uint8Array(hkdfSync('sha256', createSecretKey(secret), salt, info, length));
}
