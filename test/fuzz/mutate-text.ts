/** Text that is nearly what it should be. */
import type { Choice } from './choice.ts';

/** Stands for what somebody sent and nobody else may see: no refusal may repeat it. */
export const CANARY = 'zq7Canary';

/** Characters that end, escape, hide, turn round, have two forms or are half of one. */
const ODD = [
  ...['"', "'", '\\', '{', '}', '[', ']', ':', ',', '.', '=', '-', '_', '+', '/', '%', '#', '0', 'A', 'z'],
  ...[' ', '\t', '\n', '\r\n', '\0', '\u0007', '\u001b[2J', '\u007f', '\u0085', '\u00a0', '\u00ad', '\u0130', '\u0131'],
  ...['e\u0301', '\u0300', '\u0660', '\u200b', '\u200e', '\u2028', '\u202e', '\u212a', '\u3000', '\ufeff', '\ufffd'],
  ...['\ud800', '\udc00', '\u{1f528}', '\u{e0001}', '\u{10ffff}', CANARY, '__proto__', 'constructor', 'toString'],
];

type Change = (text: string, choice: Choice, other: string) => string;

function span(text: string, choice: Choice): [from: number, to: number] {
  const from = choice.below(text.length + 1);
  return [from, Math.min(text.length, from + 1 + choice.below(choice.oneIn(3) ? text.length + 1 : 6))];
}

function inserted(text: string, choice: Choice, more: string): string {
  const at = choice.below(text.length + 1);
  return text.slice(0, at) + more + text.slice(at);
}

const CHANGES: readonly Change[] = [
  (text, choice) => inserted(text, choice, choice.of(ODD)),
  (text, choice) => {
    const at = choice.below(text.length);
    return text.slice(0, at) + choice.of(ODD) + text.slice(at + 1);
  },
  (text, choice) => {
    const at = choice.below(text.length);
    const code = text.charCodeAt(at) ^ (1 << choice.below(7));
    return text === '' ? text : text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
  },
  (text, choice) => {
    const [from, to] = span(text, choice);
    return text.slice(0, from) + text.slice(to);
  },
  (text, choice) => {
    const [from, to] = span(text, choice);
    return text.slice(0, to) + text.slice(from);
  },
  (text, choice) => text.slice(0, choice.below(text.length + 1)),
  (text, choice, other) => text.slice(0, choice.below(text.length + 1)) + other.slice(choice.below(other.length + 1)),
  (text, choice) =>
    choice.of([' ', '\n', '\t', '\ufeff', '', '=', '==']) + text + choice.of([' ', '\n', '', '=', '==']),
  (text, choice) => choice.of([text.toUpperCase(), text.toLowerCase(), text.normalize('NFD'), text.normalize('NFC')]),
  (text, choice) => (choice.oneIn(16) ? inserted(text, choice, choice.of(ODD).repeat(9_000)) : text),
];

/** One change. `other` is another valid text, of which a part may come in. */
export function mutateText(text: string, choice: Choice, other: string): string {
  return choice.of(CHANGES)(text, choice, other);
}
