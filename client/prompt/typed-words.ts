/** A command that is being typed: which word the cursor is in, and what the words before it are. Forgiving: a quote may still be open. */
import { type CommandSpec, findCommand, type Parameter } from '../commands/command-table.ts';

export interface TypedWord {
  readonly text: string;
  /** Where it begins in the line. */
  readonly from: number;
  readonly quoted: boolean;
}

/** Where in a command the cursor is. */
export type Place =
  | { readonly at: 'command'; readonly word: TypedWord }
  | { readonly at: 'option'; readonly word: TypedWord; readonly command: CommandSpec }
  /** `word` is everything from the beginning of the parameter on, where that takes all the words that are left. */
  | {
      readonly at: 'parameter';
      readonly word: TypedWord;
      readonly command: CommandSpec;
      readonly parameter: Parameter;
      /** The parameters before this one. */
      readonly before: readonly string[];
    }
  /** In the value of an option, behind the last parameter, or where no command is known. */
  | { readonly at: 'elsewhere'; readonly command?: CommandSpec };

const WORD = /"(?:[^"\\]|\\.)*"?|\S+/gsu;

/** The words up to `end`; the last one is the word that ends there, and empty behind a blank. */
export function typedWords(line: string, end: number): TypedWord[] {
  const before = line.slice(0, end);
  const words = Array.from(before.matchAll(WORD), ({ 0: text, index }) => ({
    text: text.replace(/^"|"$/gu, ''),
    from: index,
    quoted: text.startsWith('"'),
  }));
  const last = words.at(-1);
  const isOpen = last !== undefined && (!/\s$/u.test(before) || isOpenQuote(before.slice(last.from)));
  return isOpen ? words : [...words, { text: '', from: end, quoted: false }];
}

/** Where the cursor is. */
export function placeOf(line: string, cursor: number): Place {
  const words = typedWords(line, cursor);
  const [name, ...rest] = words;
  const word = words.at(-1);
  if (name === undefined || word === undefined) return { at: 'elsewhere' };
  if (rest.length === 0) return { at: 'command', word };
  const command = name.text.startsWith('/') ? findCommand(name.text.slice(1).toLowerCase()) : undefined;
  return command === undefined ? { at: 'elsewhere' } : placeInCommand(line, cursor, command, rest);
}

function placeInCommand(line: string, cursor: number, command: CommandSpec, words: readonly TypedWord[]): Place {
  const before = words.slice(0, -1);
  const word = words.at(-1);
  const owed = before.filter((_, index) => isValue(command, before, index));
  if (word === undefined || isValue(command, words, words.length - 1)) return { at: 'elsewhere', command };
  if (isOption(word)) return { at: 'option', word, command };
  const placed = [...before.filter((earlier) => !isOption(earlier) && !owed.includes(earlier)), word];
  return parameterAt(line, cursor, command, placed);
}

function parameterAt(line: string, cursor: number, command: CommandSpec, placed: readonly TypedWord[]): Place {
  const { parameters } = command;
  const takesRest = parameters.at(-1)?.rest === true;
  const index = (takesRest ? Math.min(placed.length, parameters.length) : placed.length) - 1;
  const [parameter, word] = [parameters[index], placed[index]];
  if (parameter === undefined || word === undefined) return { at: 'elsewhere', command };
  const before = placed.slice(0, index).map(({ text }) => text);
  const whole = parameter.rest === true ? { ...word, text: line.slice(word.from, cursor) } : word;
  return { at: 'parameter', word: whole, command, parameter, before };
}

const isOption = ({ text, quoted }: TypedWord) => !quoted && text.startsWith('--');

/** Whether a word belongs to the option before it. */
function isValue(command: CommandSpec, words: readonly TypedWord[], index: number): boolean {
  const before = words[index - 1];
  if (before === undefined || !isOption(before) || isValue(command, words, index - 1)) return false;
  return takesValue(command, before.text);
}

function takesValue(command: CommandSpec, text: string): boolean {
  const option = command.options.find(({ name }) => `--${name}` === text);
  return option?.value !== undefined;
}

/** A quote that is not closed, or whose closing one is escaped. */
function isOpenQuote(word: string): boolean {
  return word.startsWith('"') && !/^"(?:[^"\\]|\\.)*"$/su.test(word.trimEnd());
}
