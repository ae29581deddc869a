/** A strict reader of DER (X.690, sections 8 and 10): one byte form for each value, and everything else refused. */
import { ProtocolError, type RefusalCode } from '../errors.ts';

/** The identifier octets that certificates, requests and revocation lists are made of. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  /** Context-specific and constructed, numbers 0 and 3. */
  context0: 0xa0,
  context3: 0xa3,
} as const;

/** As deep as anything that we read: the certificate's hash in a timestamp reply; a name inside a certificate is 6 deep. */
const MAX_DEPTH = 12;

/** One value with its place in the input. `children` is empty for a primitive value. */
export interface DerElement {
  readonly tag: number;
  /** Identifier, length and content. */
  readonly encoded: Uint8Array;
  readonly content: Uint8Array;
  readonly children: readonly DerElement[];
}

/** The bytes are not the one DER form of what was asked for. Leaves this folder only as a `ProtocolError`. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** Ends the reading unless `condition` holds; `what` completes "the DER is wrong: …". */
export function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new DerError(what);
}

/** Runs a reader; bytes that are not what it asks for become a refusal with this code. */
export function refusingDer<Read>(code: RefusalCode, read: () => Read): Read {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError) throw new ProtocolError(code, error.message, { cause: error });
    throw error;
  }
}

/**
 * Reads exactly one value that fills `bytes`, and everything inside it: low tag numbers, definite lengths in the fewest
 * bytes, booleans 00 or ff, integers and object identifiers in their shortest form. Throws a `DerError`.
 */
export function parseDer(bytes: Uint8Array): DerElement {
  const [element, rest] = readElement(bytes, 0);
  demand(rest.byteLength === 0, 'bytes after the end');
  return element;
}

function readElement(bytes: Uint8Array, depth: number): [DerElement, Uint8Array] {
  demand(depth <= MAX_DEPTH, 'nested too deep');
  const tag = bytes[0];
  demand(tag !== undefined && tag !== 0 && (tag & 0x1f) !== 0x1f, 'a tag of an unknown form');
  const [start, length] = readLength(bytes);
  const end = start + length;
  demand(end <= bytes.byteLength, 'a length beyond the end');
  const content = bytes.subarray(start, end);
  const children = isConstructed(tag) ? readAll(content, depth + 1) : [];
  demandShortestForm(tag, content);
  return [{ tag, encoded: bytes.subarray(0, end), content, children }, bytes.subarray(end)];
}

/** Where the content starts, and how long it is. 64 KiB and more take three bytes: a long revocation list has that. */
function readLength(bytes: Uint8Array): [start: number, length: number] {
  const first = bytes[1];
  demand(first !== undefined, 'a length is missing');
  if (first < 0x80) return [2, first];
  const count = first & 0x7f;
  demand(count >= 1 && count <= 3 && bytes.byteLength >= 2 + count, 'a length that is indefinite, or too long');
  const length = bytes.subarray(2, 2 + count).reduce((sum, byte) => sum * 256 + byte, 0);
  demand(length >= 0x80 && length >= 256 ** (count - 1), 'a length in more bytes than it needs');
  return [2 + count, length];
}

/** Only SEQUENCE and SET are constructed among the universal types; elsewhere the bit says so. */
function isConstructed(tag: number): boolean {
  const constructed = (tag & 0x20) !== 0;
  if (tag >= 0x40) return constructed;
  const mustBe = (tag & 0x1f) === 0x10 || (tag & 0x1f) === 0x11;
  demand(constructed === mustBe, 'a value in pieces, or a list that is not one');
  return constructed;
}

function readAll(content: Uint8Array, depth: number): DerElement[] {
  const elements: DerElement[] = [];
  let rest = content;
  while (rest.byteLength > 0) {
    const [element, after] = readElement(rest, depth);
    elements.push(element);
    rest = after;
  }
  return elements;
}

function demandShortestForm(tag: number, content: Uint8Array): void {
  if (tag === TAG.boolean) {
    demand(
      content.byteLength === 1 && (content[0] === 0 || content[0] === 0xff),
      'a boolean that is neither 00 nor ff',
    );
  } else if (tag === TAG.integer || tag === TAG.enumerated) {
    demandMinimalInteger(content);
  } else if (tag === TAG.objectIdentifier) {
    demandMinimalArcs(content);
  }
}

function demandMinimalInteger(content: Uint8Array): void {
  const [first, second] = content;
  demand(first !== undefined, 'an integer without bytes');
  if (second === undefined) return;
  const padded = (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80);
  demand(!padded, 'an integer in more bytes than it needs');
}

function demandMinimalArcs(content: Uint8Array): void {
  let startsArc = true;
  for (const byte of content) {
    demand(!(startsArc && byte === 0x80), 'an object identifier in more bytes than it needs');
    startsArc = byte < 0x80;
  }
  demand(content.byteLength > 0 && startsArc, 'an object identifier that does not end');
}
