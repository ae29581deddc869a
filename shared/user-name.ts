/** Which user names there are, and which of them are the same to a reader. */
import type { Brand } from './brand.ts';
import { ProtocolError } from './errors.ts';

/** A name that is allowed, in Unicode normal form C. */
export type UserName = Brand<string, 'UserName'>;

const MIN_CHARACTERS = 3;
const MAX_CHARACTERS = 32;

/**
 * The scripts in everyday use (Unicode UAX #31, table 5) that are written alone. A name is of one writing system, so that
 * no letter poses as another's.
 */
const SCRIPTS = [
  'Arabic',
  'Armenian',
  'Bengali',
  'Cyrillic',
  'Devanagari',
  'Ethiopic',
  'Georgian',
  'Greek',
  'Gujarati',
  'Gurmukhi',
  'Hebrew',
  'Kannada',
  'Khmer',
  'Lao',
  'Latin',
  'Malayalam',
  'Myanmar',
  'Oriya',
  'Sinhala',
  'Tamil',
  'Telugu',
  'Thaana',
  'Thai',
  'Tibetan',
] as const;

/** The long vowel, which both kana write and which is of no script of its own; alone it would be a dash. */
const LONG_VOWEL = '(?<=[\\p{Script=Hiragana}\\p{Script=Katakana}]ー*)ー';

/** Writing systems of more than one script (UTS #39, section 5.1: Jpan, Kore, Hanb). */
const MIXED_SYSTEMS = [
  `[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}]|${LONG_VOWEL}`,
  '[\\p{Script=Han}\\p{Script=Hangul}]',
  '[\\p{Script=Han}\\p{Script=Bopomofo}]',
];

/** Letters, and the marks that some scripts write vowels with; ASCII digits, dots, dashes, underscores. */
const ALLOWED = /^[\p{L}\p{M}0-9._-]+$/u;
const BEGINS_AND_ENDS_WELL = /^[\p{L}0-9].*[\p{L}\p{M}0-9]$/u;
const OF_ONE_SYSTEM = [...SCRIPTS.map((script) => `\\p{Script=${script}}`), ...MIXED_SYSTEMS].map(
  (letter) => new RegExp(`^(?:${letter}|[0-9._-])+$`, 'u'),
);
/** Letters by their category that nobody sees: Hangul's fillers, two Khmer vowels, variation selectors. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;

/** Names that would speak for the house or for a role. Compared folded. */
const RESERVED: ReadonlySet<string> = new Set([
  'admin',
  'administrator',
  'anonymous',
  'auctioneer',
  'bidder',
  'dms',
  'everybody',
  'gavel',
  'house',
  'moderator',
  'nobody',
  'operator',
  'root',
  'security',
  'seller',
  'support',
  'system',
  'trusted-service',
  'winner',
]);

/** Reads a wanted user name; other normal forms are brought to form C. Throws 'username-invalid'. */
export function parseUserName(text: string): UserName {
  const name = text.normalize('NFC');
  const characters = [...name].length;
  if (characters < MIN_CHARACTERS || characters > MAX_CHARACTERS) {
    throw invalid(`it must have ${MIN_CHARACTERS} to ${MAX_CHARACTERS} characters`);
  }
  if (!ALLOWED.test(name) || INVISIBLE.test(name)) {
    throw invalid('it has characters other than letters, digits, dots, dashes and underscores');
  }
  if (!BEGINS_AND_ENDS_WELL.test(name)) throw invalid('it must begin and end with a letter or a digit');
  if (!OF_ONE_SYSTEM.some((system) => system.test(name))) throw invalid('its letters are not of one script');
  if (RESERVED.has(foldUserName(name as UserName))) throw invalid('it is reserved');
  return name as UserName;
}

/**
 * The form in which two names are the same name: NFKC, without case. Upper case in between brings together what lower
 * case alone keeps apart (ß and ss, σ and ς, ı and i), and lower case before it what upper case would (ẞ and ß).
 */
export function foldUserName(name: UserName): string {
  return name.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
}

function invalid(detail: string): ProtocolError {
  return new ProtocolError('username-invalid', detail);
}
