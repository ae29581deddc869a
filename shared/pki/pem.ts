/** PEM, the text form of certificates and requests (RFC 7468): one block, and nothing around it but blanks. */
import { fromBase64, toBase64 } from '#platform/bytes.ts';

export type PemLabel = 'CERTIFICATE' | 'CERTIFICATE REQUEST';

/** One block with lines of 64 characters and a line break at its end. */
export function encodePem(label: PemLabel, der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** The bytes of exactly one block with this label; `undefined` for every other text. */
export function decodePem(label: PemLabel, text: string, maxCharacters: number): Uint8Array<ArrayBuffer> | undefined {
  if (text.length > maxCharacters) return undefined;
  const lines = text.trim().split(/\r?\n/);
  if (lines.shift() !== `-----BEGIN ${label}-----` || lines.pop() !== `-----END ${label}-----`) return undefined;
  return decodeBase64(lines.join(''));
}

/** Canonical base64 with padding, as JSON Web Keys hold certificates (`x5c`); `undefined` for every other text. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = fromBase64(text);
  return toBase64(bytes) === text ? bytes : undefined;
}
