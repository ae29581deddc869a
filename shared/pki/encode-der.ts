/** Writes DER: the byte forms against which certificates are compared. */
import { compareBytes, concatBytes, decodeHex, utf8 } from '../bytes.ts';
import { TAG } from './der.ts';

/** One value: identifier, length in the fewest bytes, content. */
export function encodeDer(tag: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = concatBytes(...contents);
  return concatBytes(Uint8Array.of(tag, ...encodeLength(content.byteLength)), content);
}

function encodeLength(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 + bytes.length, ...bytes];
}

/** `TRUE`. Its opposite is never written: every boolean here defaults to it. */
export const DER_TRUE: Uint8Array = encodeDer(TAG.boolean, Uint8Array.of(0xff));

/** An integer from 0 to 2^53 − 1. */
export function encodeInteger(value: number): Uint8Array<ArrayBuffer> {
  return encodePositive(value.toString(16));
}

/** A non-negative integer of any size from hexadecimal, in the fewest bytes; a leading zero byte keeps it positive. */
export function encodePositive(hex: string): Uint8Array<ArrayBuffer> {
  const digits = BigInt(`0x${hex}`).toString(16);
  const bytes = decodeHex(digits.padStart(digits.length + (digits.length % 2), '0'));
  const sign = (bytes[0] ?? 0) >= 0x80 ? Uint8Array.of(0) : Uint8Array.of();
  return encodeDer(TAG.integer, sign, bytes);
}

/** A BIT STRING that fills its bytes. */
export function encodeBits(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeDer(TAG.bitString, Uint8Array.of(0), bytes);
}

/** Milliseconds since the Unix epoch, cut to seconds: UTCTime until 2049, then GeneralizedTime (RFC 5280 section 4.1.2.5). */
export function encodeTime(at: number): Uint8Array<ArrayBuffer> {
  const text = new Date(at).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  const short = text < '2050';
  return encodeDer(short ? TAG.utcTime : TAG.generalizedTime, utf8.encode(short ? text.slice(2) : text));
}

/**
 * Milliseconds since the Unix epoch as GeneralizedTime with milliseconds (RFC 3161 section 2.4.2): a fraction ends in no
 * zero, and there is none where it would be zero.
 */
export function encodeGeneralizedTime(at: number): Uint8Array<ArrayBuffer> {
  const text = new Date(at)
    .toISOString()
    .replaceAll(/[-:T]/g, '')
    .replace(/\.?0*Z$/, 'Z');
  return encodeDer(TAG.generalizedTime, utf8.encode(text));
}

/** A SET OF: its elements in ascending order of their bytes (X.690 section 11.6). A tag stands in for SET where it is implicit. */
export function encodeSetOf(elements: readonly Uint8Array[], tag: number = TAG.set): Uint8Array<ArrayBuffer> {
  return encodeDer(tag, ...elements.toSorted(compareBytes));
}

/** An object identifier from its dotted form. Arcs may have any size: `2.25` is followed by a UUID as one integer. */
export function encodeObjectIdentifier(dotted: string): Uint8Array<ArrayBuffer> {
  const [first = 0n, second = 0n, ...others] = dotted.split('.').map(BigInt);
  return encodeDer(TAG.objectIdentifier, ...[first * 40n + second, ...others].map(encodeArc));
}

function encodeArc(arc: bigint): Uint8Array {
  const bytes = [Number(arc & 0x7fn)];
  for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) bytes.unshift(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from(bytes);
}

/** A distinguished name of one attribute, the common name, as UTF8String. */
export function encodeCommonName(commonName: string): Uint8Array<ArrayBuffer> {
  const attribute = encodeDer(
    TAG.sequence,
    encodeObjectIdentifier('2.5.4.3'),
    encodeDer(TAG.utf8String, utf8.encode(commonName)),
  );
  return encodeDer(TAG.sequence, encodeDer(TAG.set, attribute));
}
