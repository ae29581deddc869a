/** A compact JWS that is nearly what it should be. */
import type { Choice } from './choice.ts';
import { mutateBytes } from './mutate-bytes.ts';
import { mutateJson } from './mutate-json.ts';
import { mutateText } from './mutate-text.ts';
import { otherHalf } from './sign-again.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const encode = (text: string | Uint8Array) => Buffer.from(text).toString('base64url');
const bytesOf = (part = '') => new Uint8Array(Buffer.from(part, 'base64url'));
const textOf = (part = '') => Buffer.from(part, 'base64url').toString();

export function mutateJws(text: string, choice: Choice, other: string): string {
  const parts = text.split('.');
  const others = other.split('.');
  if (parts.length !== 3 || choice.oneIn(6)) return mutateText(text, choice, other);
  const [header = '', payload = '', signature = ''] = parts;
  switch (choice.below(8)) {
    case 0:
      return [encode(mutateJson(textOf(header), choice, textOf(others[0]))), payload, signature].join('.');
    case 1:
    case 2:
    case 3:
      return [header, encode(mutateJson(textOf(payload), choice, textOf(others[1]))), signature].join('.');
    case 4:
      return [header, payload, encode(mutateBytes(bytesOf(signature), choice, bytesOf(others[2])))].join('.');
    case 5:
      return [header, payload, encode(otherHalf(bytesOf(signature)))].join('.');
    case 6:
      // The bits that the last character has to spare.
      return parts.map((part) => (choice.oneIn(2) ? spareBits(part, choice) : part)).join('.');
    default: {
      const at = choice.below(3);
      return parts.with(at, others[at] ?? '').join('.');
    }
  }
}

function spareBits(part: string, choice: Choice): string {
  const last = ALPHABET.indexOf(part.at(-1) ?? 'A');
  return `${part.slice(0, -1)}${ALPHABET[last ^ (1 + choice.below(3))] ?? ''}`;
}
