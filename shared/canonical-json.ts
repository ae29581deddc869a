/** The one byte form of a JSON value, so that two programs that hold the same value hash the same bytes (RFC 8785). */
import canonicalize from 'canonicalize';
import { utf8 } from './bytes.ts';
import { ProtocolError } from './errors.ts';
import { invariant } from './invariant.ts';

/**
 * The RFC 8785 bytes of a JSON value. The value is ours or has passed a schema: one without a JSON form is a bug. Throws
 * `malformed` for text that is no Unicode, which few schemas look for.
 */
export function canonicalJson(value: unknown): Uint8Array<ArrayBuffer> {
  const text = serialize(value);
  invariant(text !== undefined, 'a value without a JSON form can not be encoded');
  return utf8.encode(text);
}

function serialize(value: unknown): string | undefined {
  try {
    return canonicalize(value);
  } catch (cause) {
    // Half of a surrogate pair has no bytes in UTF-8 (RFC 8785 section 3.2.2.2). Whatever else it was is a mistake of ours.
    if (LONE_SURROGATE.test(JSON.stringify(value))) throw new ProtocolError('malformed', 'half a character', { cause });
    throw cause;
  }
}

/** As JSON writes it (ECMA-262, QuoteJSONString). */
const LONE_SURROGATE = /\\ud[89a-f]/;
