/** JSON from strangers: as RFC 8259 has it, minus the readings that two programs could disagree about. */
import { ProtocolError } from './errors.ts';

/** Keeps a byte order mark in the text, where the parser refuses it, instead of dropping it in silence. */
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The value of UTF-8 JSON bytes. Throws `malformed` for what is not UTF-8 or not JSON, for an object that has a member
 * twice (RFC 8259, section 4, leaves open which one counts), for the member name `__proto__`, and for a member name with
 * an escape, which no name of ours needs: V8 may read it as another one, by what it has parsed before (nodejs/node, issue
 * 63785).
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const { text, value } = parse(bytes);
  // A duplicate collapses in the value and not in the text, so the two counts differ.
  if (countMembers(value) !== countNames(text)) throw new ProtocolError('malformed', 'a member occurs twice');
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

/**
 * The member names in valid JSON: the texts with a colon behind them. Without a pattern: its stack would be as deep as a
 * text is long. Throws `malformed` for a name with an escape.
 */
function countNames(json: string): number {
  let names = 0;
  let [start, end] = [0, 0];
  for (let at = 0; at < json.length; at++) {
    const unit = json.charCodeAt(at);
    if (unit === QUOTE) {
      [start, end] = [at, endOfText(json, at)];
      at = end;
    } else if (unit === COLON) {
      if (json.slice(start, end).includes('\\'))
        throw new ProtocolError('malformed', 'the name of a member has an escape');
      names++;
    }
  }
  return names;
}

/** Where the text ends that begins here. */
function endOfText(json: string, start: number): number {
  let at = start + 1;
  for (; json.charCodeAt(at) !== QUOTE; at++) if (json.charCodeAt(at) === BACKSLASH) at++;
  return at;
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
