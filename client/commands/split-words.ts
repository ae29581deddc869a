/** A typed line as words: blanks part them, double quotes keep them together; in quotes `\n` is a line break, and a backslash keeps any other character. */
import { ClientError } from '../client-error.ts';

/** One word, and whether it was quoted: a quoted `--x` is text, not an option. */
export interface Word {
  readonly text: string;
  readonly quoted: boolean;
}

/** Splits a line. Throws `command-malformed` for a quote that is not closed. */
export function splitWords(line: string): Word[] {
  const words: Word[] = [];
  let rest = line.trimStart();
  while (rest !== '') {
    const quoted = rest.startsWith('"');
    const match = (quoted ? QUOTED : PLAIN).exec(rest);
    if (match === null) throw new ClientError('command-malformed', 'a quote is not closed, or text follows it at once');
    const [whole, text = ''] = match;
    words.push({ text: quoted ? text.replaceAll(ESCAPED, plainCharacter) : text, quoted });
    rest = rest.slice(whole.length).trimStart();
  }
  return words;
}

/** The inverse for one word: quoted where it has to be. */
export function quoteWord(text: string): string {
  if (/^[^\s"\\-][^\s"\\]*$/u.test(text)) return text;
  return `"${text.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

function plainCharacter(_escaped: string, character: string): string {
  return character === 'n' ? '\n' : character;
}

const PLAIN = /^([^\s"]\S*)(?=\s|$)/u;
const QUOTED = /^"((?:[^"\\]|\\.)*)"(?=\s|$)/su;
const ESCAPED = /\\(.)/gsu;
