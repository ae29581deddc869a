/**
 * ECDSA over P-256 with SHA-256 (FIPS 186-5), signatures as 64 bytes r ‖ s (IEEE P1363), on libuv's thread pool.
 * Only the lower of the two values s is made and accepted, so that a signature has no twin.
 */
import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { ProtocolError } from '../errors.ts';
import { invariant } from '../invariant.ts';

/** A key for signing, with its public half. */
export interface P256KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** The length of a signature, in bytes. */
export const SIGNATURE_BYTES = 64;

/** A fresh pair from the platform's random source. */
export function generateP256(): P256KeyPair {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** Signs `bytes`; 64 bytes with low s. */
export function signP256(key: KeyObject, bytes: Uint8Array): Promise<Uint8Array> {
  invariant(isP256(key) && key.type === 'private', 'only a private P-256 key signs');
  return new Promise((resolve, reject) => {
    sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, (error, signature) => {
      if (error === null) resolve(withLowS(signature));
      else reject(error);
    });
  });
}

/**
 * Verifies the signature that `key` made over `bytes`. Throws `signature-invalid`: for a signature of another length,
 * with high s, with r or s outside [1, n − 1], or that simply is not one.
 */
export function verifyP256(key: KeyObject, bytes: Uint8Array, signature: Uint8Array): Promise<void> {
  invariant(isP256(key), 'only a P-256 key verifies');
  return new Promise((resolve, reject) => {
    if (signature.length !== SIGNATURE_BYTES || !hasLowS(signature)) {
      reject(new ProtocolError('signature-invalid'));
      return;
    }
    verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signature, (error, holds) => {
      if (error !== null) reject(error);
      else if (holds) resolve();
      else reject(new ProtocolError('signature-invalid'));
    });
  });
}

/** Whether s of a 64-byte signature is at most half of the group's order. */
export function hasLowS(signature: Uint8Array): boolean {
  return Buffer.compare(signature.subarray(32), HALF_ORDER) <= 0;
}

/** Whether a key is of the one curve that signs here. */
export function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
}

/** The order n of the group (SEC 2, section 2.4.2). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const HALF_ORDER = to32Bytes(ORDER >> 1n);

/** (r, s) and (r, n − s) verify alike: this is the one of the two with the lower s. */
function withLowS(signature: Uint8Array): Uint8Array {
  if (hasLowS(signature)) return new Uint8Array(signature);
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`);
  const lowered = new Uint8Array(signature);
  lowered.set(to32Bytes(ORDER - s), 32);
  return lowered;
}

function to32Bytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
}
