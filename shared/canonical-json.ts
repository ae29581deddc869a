/** The one byte form of a JSON value, so that two programs that hold the same value hash the same bytes (RFC 8785). */
import canonicalize from 'canonicalize';
import { utf8 } from './bytes.ts';
import { invariant } from './invariant.ts';

/** The RFC 8785 bytes of a JSON value. The value is ours or has passed a schema: one without a JSON form is a bug. */
export function canonicalJson(value: unknown): Uint8Array<ArrayBuffer> {
  const text = canonicalize(value);
  invariant(text !== undefined, 'a value without a JSON form can not be encoded');
  return utf8.encode(text);
}
