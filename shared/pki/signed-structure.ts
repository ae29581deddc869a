/**
 * The shape that certificates, requests and revocation lists share: what is signed, the algorithm, the signature. One
 * algorithm and one kind of key exist here, so both are compared byte by byte.
 */
import { holdsDer, importSpki, type P256PublicKey } from '#platform/p256.ts';
import { concatBytes, decodeHex, equalBytes } from '../bytes.ts';
import { sha256 } from '../crypto/digest.ts';
import { type DerElement, DerError, demand, parseDer, TAG } from './der.ts';
import { positiveIntegerHex, sequenceFields, wholeBits } from './der-fields.ts';

/** AlgorithmIdentifier of ecdsa-with-SHA256, without parameters (RFC 5758 section 3.2). */
export const ECDSA_WITH_SHA256: Uint8Array = decodeHex('300a06082a8648ce3d040302');
/** SubjectPublicKeyInfo of a P-256 key up to its point: id-ecPublicKey, prime256v1, the 65 bytes of `04 ‖ x ‖ y` follow. */
const P256_PREFIX: Uint8Array = decodeHex('3059301306072a8648ce3d020106082a8648ce3d030107034200');
const P256_POINT_BYTES = 65;
const UNCOMPRESSED = 0x04;
const KEY_IDENTIFIER_BYTES = 20;
/** The order of P-256 in hexadecimal (FIPS 186-5); both halves of a signature lie below it. */
const P256_ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';

export interface SignedStructure {
  /** What the signature is over. */
  readonly tbs: DerElement;
  /** A DER SEQUENCE of r and s, both in range. */
  readonly signature: Uint8Array;
}

/** Reads the outer three fields, strictly. Throws a `DerError`. */
export function readSigned(der: Uint8Array, what: string): SignedStructure {
  const fields = sequenceFields(parseDer(der), what);
  const tbs = fields.take(TAG.sequence, `the signed part of ${what}`);
  demandAlgorithm(fields.take(TAG.sequence, 'the signature algorithm'));
  const signature = wholeBits(fields.take(TAG.bitString, 'the signature'), 'the signature');
  fields.end(what);
  demandSignatureForm(signature);
  return { tbs, signature };
}

/** The algorithm must be ecdsa-with-SHA256, in its one byte form. */
export function demandAlgorithm(element: DerElement): void {
  demand(equalBytes(element.encoded, ECDSA_WITH_SHA256), 'the signature algorithm is not ecdsa-with-SHA256');
}

function demandSignatureForm(signature: Uint8Array): void {
  const halves = sequenceFields(parseDer(signature), 'the signature');
  for (const name of ['r', 's']) {
    const value = positiveIntegerHex(halves.take(TAG.integer, name), 33, name);
    demand(value.padStart(64, '0') < P256_ORDER, `${name} is out of range`);
  }
  halves.end('the signature');
}

/** Reads a SubjectPublicKeyInfo: P-256, uncompressed, a point of the curve. Throws a `DerError`. */
export function readSubjectKey({ encoded }: DerElement): P256PublicKey {
  const point = encoded.subarray(P256_PREFIX.byteLength);
  const expected = concatBytes(P256_PREFIX, point);
  demand(
    point.byteLength === P256_POINT_BYTES && point[0] === UNCOMPRESSED && equalBytes(encoded, expected),
    'the key is not an uncompressed P-256 key',
  );
  try {
    return importSpki(encoded);
  } catch (error) {
    // The form was right, so the point is not on the curve: bad input, not a bug.
    throw new DerError('the key is not a point of P-256', { cause: error });
  }
}

/**
 * The identifier of a P-256 key, from its SubjectPublicKeyInfo: the first 20 bytes of SHA-256 of the point (RFC 7093
 * section 2, method 1).
 */
export function keyIdentifierOf(spki: Uint8Array): Uint8Array {
  return sha256(spki.subarray(P256_PREFIX.byteLength)).subarray(0, KEY_IDENTIFIER_BYTES);
}

/** Whether the key made the signature over the signed part. Synchronous: some 60 µs, at enrolment and admission alone. */
export function isSignedBy({ tbs, signature }: SignedStructure, key: P256PublicKey): boolean {
  return holdsDer(key, tbs.encoded, signature);
}
