/** JSON from strangers: as RFC 8259 has it, minus the readings that two programs could disagree about. */
import { ProtocolError } from './errors.ts';

/** Keeps a byte order mark in the text, where the parser refuses it, instead of dropping it in silence. */
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The value of UTF-8 JSON bytes. Throws `malformed` for what is not UTF-8 or not JSON, for an object that has a member
 * twice (RFC 8259, section 4, leaves open which one counts) and for the member name `__proto__`.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const { text, value } = parse(bytes);
  // A duplicate collapses in the value and not in the text, so the two counts differ.
  if (countMembers(value) !== countColons(text)) throw new ProtocolError('malformed', 'a member occurs twice');
  return value;
}

function parse(bytes: Uint8Array): { text: string; value: unknown } {
  try {
    const text = DECODER.decode(bytes);
    return { text, value: JSON.parse(text) };
  } catch (cause) {
    // Neither of the two throws for any other reason than these bytes.
    throw new ProtocolError('malformed', 'not JSON in UTF-8', { cause });
  }
}

const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];

/** Valid JSON has one colon outside of strings for each member. Without a pattern: its stack would be as deep as a string is long. */
function countColons(json: string): number {
  let colons = 0;
  let isText = false;
  for (let at = 0; at < json.length; at++) {
    const unit = json.charCodeAt(at);
    if (unit === QUOTE) isText = !isText;
    else if (isText && unit === BACKSLASH) at++;
    else if (!isText && unit === COLON) colons++;
  }
  return colons;
}

/** The members of all objects in a JSON value. Without recursion: the depth is the sender's choice. */
function countMembers(root: unknown): number {
  let members = 0;
  const left = [root];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (Object.hasOwn(value, '__proto__')) throw new ProtocolError('malformed', '__proto__ is no member name here');
    const children = Object.values(value);
    if (!Array.isArray(value)) members += children.length;
    for (const child of children) left.push(child);
  }
  return members;
}
