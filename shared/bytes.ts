/** Bytes and their text forms: base64url without padding (RFC 4648, section 5), canonical on the way in; hexadecimal. */
import { compare, concat, fromBase64, fromHex, toBase64url, toHex, toLatin1 } from '#platform/bytes.ts';

const CANONICAL = /^[A-Za-z0-9_-]*$/;

export const utf8 = {
  encode: (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text),
  /** The text that `encode` makes these bytes of, a byte order mark included. Throws a `TypeError` on bytes that are not UTF-8. */
  decode: (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
};

/** Bytes to base64url without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  return toBase64url(bytes);
}

/**
 * Canonical base64url to bytes; `undefined` for every other text. Padding, blanks, `+` and spare bits are refused,
 * so that no byte string has a second text form.
 */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!CANONICAL.test(text)) return undefined;
  const bytes = fromBase64(text);
  // Only the last group, of fewer than three bytes, has bits to spare.
  const last = text.slice(text.length - (text.length % 4));
  return encodeBase64url(bytes.subarray(bytes.length - (bytes.length % 3))) === last ? bytes : undefined;
}

/** One array from several. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concat(parts);
}

/** Equality of public bytes. Not for secrets: the time it takes tells where they differ. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return compare(left, right) === 0;
}

/** The order of bytes: by the first that differs, then by length. Below, at or above 0. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  return compare(left, right);
}

/** Two lower-case digits for each byte. */
export function encodeHex(bytes: Uint8Array): string {
  return toHex(bytes);
}

/** The bytes of an even number of hexadecimal digits, which the caller has checked or made. */
export function decodeHex(digits: string): Uint8Array<ArrayBuffer> {
  return fromHex(digits);
}

/** One character for each byte (ISO 8859-1), for text that a form then restricts to ASCII. */
export function decodeLatin1(bytes: Uint8Array): string {
  return toLatin1(bytes);
}
