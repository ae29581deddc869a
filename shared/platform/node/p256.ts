/**
 * Keys of P-256 and what they do, by OpenSSL and on this thread. Its twin is `web/p256.ts`.
 * Which signatures are accepted is for shared/crypto/ecdsa.ts.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import type { Coordinates } from '../twins.ts';
import { toDer, toRaw } from './signature-form.ts';

export type P256PublicKey = KeyObject;
export type P256PrivateKey = KeyObject;

interface KeyPair {
  readonly privateKey: P256PrivateKey;
  readonly publicKey: P256PublicKey;
}

/** A fresh pair from the platform's random source. */
export function generateKeys(): KeyPair {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** A pair from its scalar in base64url and its point. Throws where they are not of the curve. */
export function importKeys(scalar: string, { x, y }: Coordinates): KeyPair {
  const key = { kty: 'EC', crv: 'P-256', x, y };
  return {
    privateKey: createPrivateKey({ format: 'jwk', key: { ...key, d: scalar } }),
    publicKey: createPublicKey({ format: 'jwk', key }),
  };
}

/** Whether a key is of the one curve that signs here. */
export function isOfP256(key: P256PublicKey | P256PrivateKey): boolean {
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
}

/** Reads a SubjectPublicKeyInfo whose form was checked. Throws where the point is not on the curve. */
export function importSpki(der: Uint8Array): P256PublicKey {
  return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
}

/** The key's SubjectPublicKeyInfo in DER, the point uncompressed. */
export function exportSpki(key: P256PublicKey): Uint8Array {
  return key.export({ type: 'spki', format: 'der' });
}

export function coordinatesOf(key: P256PublicKey): Coordinates {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return { x, y };
}

/** The key as `jose` takes it. */
export function joseKeyOf(key: P256PublicKey): KeyObject {
  return key;
}

/** 64 bytes r ‖ s over SHA-256 of the bytes. */
export function signRaw(key: P256PrivateKey, bytes: Uint8Array): Promise<Uint8Array> {
  return signDer(key, bytes).then(toRaw);
}

/** The same as a DER SEQUENCE of r and s. Done at once, in 40 µs: to hand it to another thread would cost this one as much. */
export async function signDer(key: P256PrivateKey, bytes: Uint8Array): Promise<Uint8Array> {
  return sign('sha256', bytes, key);
}

/** Whether the key made these 64 bytes. On libuv's pool it would cost half as much again, and take twice as long. */
export async function holdsRaw(key: P256PublicKey, bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return holdsDer(key, bytes, toDer(signature));
}

/** Whether the key made this DER signature. Synchronous, some 60 µs. */
export function holdsDer(key: P256PublicKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  return verify('sha256', bytes, key, signature);
}
