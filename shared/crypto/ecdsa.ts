/**
 * ECDSA over P-256 with SHA-256 (FIPS 186-5), signatures as 64 bytes r ‖ s (IEEE P1363).
 * Only the lower of the two values s is made and accepted, so that a signature has no twin.
 */
import { generateKeys, holdsRaw, isOfP256, type P256PrivateKey, type P256PublicKey, signRaw } from '#platform/p256.ts';
import { compareBytes, decodeHex, encodeHex } from '../bytes.ts';
import { ProtocolError } from '../errors.ts';
import { invariant } from '../invariant.ts';

/** A key for signing, with its public half. */
export interface P256KeyPair {
  readonly privateKey: P256PrivateKey;
  readonly publicKey: P256PublicKey;
}

/** The length of a signature, in bytes. */
export const SIGNATURE_BYTES = 64;

/** A fresh pair from the platform's random source. */
export function generateP256(): P256KeyPair {
  return generateKeys();
}

/** Signs `bytes`; 64 bytes with low s. */
export function signP256(key: P256PrivateKey, bytes: Uint8Array): Promise<Uint8Array> {
  invariant(isP256(key) && key.type === 'private', 'only a private P-256 key signs');
  return signRaw(key, bytes).then(withLowS);
}

/**
 * Verifies the signature that `key` made over `bytes`. Throws `signature-invalid`: for a signature of another length,
 * with high s, with r or s outside [1, n − 1], or that simply is not one.
 */
export function verifyP256(key: P256PublicKey, bytes: Uint8Array, signature: Uint8Array): Promise<void> {
  invariant(isP256(key), 'only a P-256 key verifies');
  return demandHolds(key, bytes, signature);
}

async function demandHolds(key: P256PublicKey, bytes: Uint8Array, signature: Uint8Array): Promise<void> {
  const hasForm = signature.length === SIGNATURE_BYTES && hasLowS(signature);
  if (!hasForm || !(await holdsRaw(key, bytes, signature))) throw new ProtocolError('signature-invalid');
}

/** Whether s of a 64-byte signature is at most half of the group's order. */
export function hasLowS(signature: Uint8Array): boolean {
  return compareBytes(signature.subarray(32), HALF_ORDER) <= 0;
}

/** Whether a key is of the one curve that signs here. */
export function isP256(key: P256PublicKey | P256PrivateKey): boolean {
  return isOfP256(key);
}

/** The order n of the group (SEC 2, section 2.4.2). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = to32Bytes(ORDER >> 1n);

/** (r, s) and (r, n − s) verify alike: this is the one of the two with the lower s. */
function withLowS(signature: Uint8Array): Uint8Array {
  if (hasLowS(signature)) return new Uint8Array(signature);
  const s = BigInt(`0x${encodeHex(signature.subarray(32))}`);
  const lowered = new Uint8Array(signature);
  lowered.set(to32Bytes(ORDER - s), 32);
  return lowered;
}

function to32Bytes(value: bigint): Uint8Array {
  return decodeHex(value.toString(16).padStart(64, '0'));
}
