/** The compact form of a JWS (RFC 7515, section 7.1), strictly: what is on both sides of the one call into jose. */

import { compactVerify, errors } from 'jose';
import { joseKeyOf, type P256PublicKey } from '#platform/p256.ts';
import { decodeBase64url, encodeBase64url, equalBytes, utf8 } from '../bytes.ts';
import { ProtocolError } from '../errors.ts';
import { MAX_JWS_BYTES } from '../wire/limits.ts';
import { hasLowS, SIGNATURE_BYTES } from './ecdsa.ts';

/** The three parts, decoded. Nothing is verified yet. */
export interface CompactParts {
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Verifies an ES256 signature and returns the payload. The header must be `expectedHeader`, byte for byte: so nothing
 * in it can choose an algorithm, a key or an address. Throws `frame-too-large` and `malformed` as `parseCompactJws`
 * does, and `signature-invalid` for another header and for a signature that does not verify or has a high s.
 */
export async function verifyCompactJws(text: string, expectedHeader: string, key: P256PublicKey): Promise<Uint8Array> {
  // The text has one reading and no other form.
  const { header, payload, signature } = parseCompactJws(text);
  // It was signed as what is expected here.
  if (!equalBytes(header, utf8.encode(expectedHeader))) {
    throw new ProtocolError('signature-invalid', 'the header is not the one expected here');
  }
  // The signature is the one of the two that is accepted.
  if (!hasLowS(signature)) throw new ProtocolError('signature-invalid', 's is high');
  // The key made it.
  try {
    await compactVerify(text, joseKeyOf(key), { algorithms: ['ES256'] });
  } catch (error) {
    // With this header jose has one complaint left. Everything else is a mistake of ours and goes on as one.
    if (error instanceof errors.JWSSignatureVerificationFailed) throw new ProtocolError('signature-invalid');
    throw error;
  }
  return payload;
}

/**
 * Splits a compact JWS. Throws `frame-too-large` above 8 KiB; `malformed` for anything but three parts in canonical
 * base64url of which the last is 64 bytes.
 */
export function parseCompactJws(text: string): CompactParts {
  if (text.length > MAX_JWS_BYTES) throw new ProtocolError('frame-too-large', 'a JWS');
  // One part more than allowed is enough to see that there are too many.
  const [header, payload, signature, ...more] = text.split('.', 4).map(decodeBase64url);
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0) {
    throw new ProtocolError('malformed', 'a JWS is three parts in base64url without padding');
  }
  if (signature.length !== SIGNATURE_BYTES) throw new ProtocolError('malformed', 'an ES256 signature has 64 bytes');
  return { header, payload, signature };
}

/** Joins what is to be signed: the first two parts, as they stand in the text. */
export function signingInput(header: string, payload: string): string {
  return `${encodeBase64url(utf8.encode(header))}.${encodeBase64url(utf8.encode(payload))}`;
}
