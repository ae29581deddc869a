/** The codes of invites: short enough to be typed from paper, and too many to be guessed. */
import { utf8 } from '../../shared/bytes.ts';
import { sha256 } from '../../shared/crypto/digest.ts';

/** Crockford's base 32: no letter that is mistaken for a digit. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 125 bits. */
const CHARACTERS = 25;
const GROUP = 5;
const CODE = new RegExp(`^[${ALPHABET}]{${CHARACTERS}}$`);

/** A new code, from this source of random bytes: five groups of five. */
export function makeInviteCode(randomBytes: (count: number) => Uint8Array): string {
  // 256 is a multiple of 32: no character is likelier than another.
  const characters = Array.from(randomBytes(CHARACTERS), (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join('');
  return characters.match(new RegExp(`.{${GROUP}}`, 'g'))?.join('-') ?? characters;
}

/** What is kept of a code, however it was typed: small or capital, with or without dashes. `undefined` for what is none. */
export function hashOfInviteCode(text: string): Uint8Array | undefined {
  const code = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  // The code is random enough that its digest can't be searched for: it needs no salt and no slow hash.
  return CODE.test(code) ? sha256(utf8.encode(code)) : undefined;
}
