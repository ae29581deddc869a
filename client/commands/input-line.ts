/** One line of input in line mode: a typed command, or a JSON object with an `id` that its answer repeats. */
import type { Instant } from '../../shared/wire/vocabulary.ts';
import { ClientError } from '../client-error.ts';
import { type Intent, parseIntent } from './intent.ts';
import { parseMembers, parseTyped } from './raw-command.ts';

/** Whatever name the sender gave to the line. */
export type InputId = string | number;

/** A line of which the sender's name for it is known, so that a complaint about the rest can repeat it. */
export interface InputLine {
  readonly id?: InputId;
  /** Understands the rest at the trusted time `now`. Throws a `ClientError`. */
  parse(now: Instant): Intent;
}

/** Characters of a sender's name for a line. */
const MAX_ID_CHARACTERS = 200;

/** Reads a line. Throws `json-malformed` for one that begins like JSON and is none, or whose `id` can not be repeated. */
export function parseInputLine(line: string): InputLine {
  if (!line.trimStart().startsWith('{')) return { parse: (now) => parseIntent(parseTyped(line), now) };
  const members = jsonMembers(line);
  const id = members.get('id');
  const command = members.get('command');
  members.delete('id');
  members.delete('command');
  return {
    ...(id === undefined ? {} : { id: checkedId(id) }),
    parse: (now) => parseIntent(parseMembers(command, members), now),
  };
}

/** As a map, so that a member called `__proto__` is one like any other. */
function jsonMembers(line: string): Map<string, unknown> {
  try {
    // The first character was a brace: what parses is an object.
    return new Map(Object.entries(JSON.parse(line) as object));
  } catch (cause) {
    // The parser's one complaint, about text from outside.
    throw new ClientError('json-malformed', undefined, { cause });
  }
}

function checkedId(id: unknown): InputId {
  if (typeof id === 'string' && id.length <= MAX_ID_CHARACTERS) return id;
  // A larger one has lost digits already, or is none.
  if (typeof id === 'number' && Math.abs(id) <= Number.MAX_SAFE_INTEGER) return id;
  throw new ClientError('json-malformed', '"id" is a number below 2^53, or a text of at most 200 characters');
}
