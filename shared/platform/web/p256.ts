/** Keys of P-256 and what they do, in plain JavaScript: the twin of `node/p256.ts`. */
import { p256 } from '@noble/curves/nist.js';
import type { Coordinates } from '../twins.ts';
import { concat, fromBase64, fromHex, toBase64url } from './bytes.ts';

/** SubjectPublicKeyInfo up to its point: id-ecPublicKey, prime256v1. */
const SPKI_PREFIX = fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200');
const RAW = { prehash: true, lowS: false, format: 'compact' } as const;
const DER = { prehash: true, lowS: false, format: 'der' } as const;

/** A point of the curve, uncompressed: 0x04 ‖ x ‖ y (SEC 1, section 2.3.3). */
export class P256PublicKey {
  readonly type = 'public';
  readonly point: Uint8Array;

  /** Throws where the point is not on the curve. */
  constructor(point: Uint8Array) {
    this.point = p256.Point.fromBytes(point).toBytes(false);
  }

  equals(other: P256PublicKey): boolean {
    return toBase64url(this.point) === toBase64url(other.point);
  }
}

/** A scalar. It stays inside: nothing that prints or copies the object shows it. */
export class P256PrivateKey {
  readonly type = 'private';
  readonly #scalar: Uint8Array;

  constructor(scalar: Uint8Array) {
    this.#scalar = scalar;
  }

  sign(bytes: Uint8Array, form: typeof RAW | typeof DER): Uint8Array {
    return p256.sign(bytes, this.#scalar, form);
  }
}

interface KeyPair {
  readonly privateKey: P256PrivateKey;
  readonly publicKey: P256PublicKey;
}

/** A fresh pair from the platform's random source. */
export function generateKeys(): KeyPair {
  const { secretKey, publicKey } = p256.keygen();
  return { privateKey: new P256PrivateKey(secretKey), publicKey: new P256PublicKey(publicKey) };
}

/** A pair from its scalar in base64url and its point. Throws where they are not of the curve. */
export function importKeys(scalar: string, { x, y }: Coordinates): KeyPair {
  const publicKey = new P256PublicKey(concat([Uint8Array.of(4), fromBase64(x), fromBase64(y)]));
  return { privateKey: new P256PrivateKey(fromBase64(scalar)), publicKey };
}

/** There is no other curve here. */
export function isOfP256(key: P256PublicKey | P256PrivateKey): boolean {
  return key instanceof P256PublicKey || key instanceof P256PrivateKey;
}

/** Reads a SubjectPublicKeyInfo whose form was checked. Throws where the point is not on the curve. */
export function importSpki(der: Uint8Array): P256PublicKey {
  return new P256PublicKey(der.subarray(SPKI_PREFIX.length));
}

/** The key's SubjectPublicKeyInfo in DER, the point uncompressed. */
export function exportSpki(key: P256PublicKey): Uint8Array {
  return concat([SPKI_PREFIX, key.point]);
}

export function coordinatesOf({ point }: P256PublicKey): Coordinates {
  return { x: toBase64url(point.subarray(1, 33)), y: toBase64url(point.subarray(33)) };
}

/** The key as `jose` takes it, which verifies by WebCrypto. */
export function joseKeyOf(key: P256PublicKey): { kty: string; crv: string; x: string; y: string } {
  return { kty: 'EC', crv: 'P-256', ...coordinatesOf(key) };
}

/** 64 bytes r ‖ s over SHA-256 of the bytes. */
export async function signRaw(key: P256PrivateKey, bytes: Uint8Array): Promise<Uint8Array> {
  return key.sign(bytes, RAW);
}

/** The same as a DER SEQUENCE of r and s. */
export async function signDer(key: P256PrivateKey, bytes: Uint8Array): Promise<Uint8Array> {
  return key.sign(bytes, DER);
}

/** Whether the key made these 64 bytes. */
export async function holdsRaw(key: P256PublicKey, bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
  return holds(key, bytes, signature, RAW);
}

/** Whether the key made this DER signature. */
export function holdsDer(key: P256PublicKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  return holds(key, bytes, signature, DER);
}

function holds(
  { point }: P256PublicKey,
  bytes: Uint8Array,
  signature: Uint8Array,
  form: typeof RAW | typeof DER,
): boolean {
  try {
    return p256.verify(signature, bytes, point, form);
  } catch {
    // The library throws where r or s is out of range, or the form is another one: no key made that.
    return false;
  }
}
