/** A command that is being typed: which word the cursor is in, and what the words before it are. Forgiving: a quote may still be open. */
import { type CommandOption, type CommandSpec, findCommand, type Parameter } from '../commands/command-table.ts';

export interface TypedWord {
  readonly text: string;
  /** Where it begins in the line. */
  readonly from: number;
  readonly quoted: boolean;
}

/** Where in a command the cursor is, and the words that stand by their place before it. */
export type Place =
  /** `command` once its name is typed out. */
  | { readonly at: 'command'; readonly word: TypedWord; readonly command?: CommandSpec }
  | ({ readonly at: 'option' } & InCommand)
  | ({
      readonly at: 'value';
      readonly option: CommandOption /** Where that begins. */;
      readonly from: number;
    } & InCommand)
  /** `word` is everything from the beginning of the parameter on, where that takes all the words that are left. */
  | ({ readonly at: 'parameter'; readonly parameter: Parameter } & InCommand)
  /** Behind the last parameter. */
  | ({ readonly at: 'behind' } & InCommand)
  /** Where no command is known. */
  | { readonly at: 'elsewhere'; readonly command?: undefined };

interface InCommand {
  readonly command: CommandSpec;
  readonly word: TypedWord;
  /** The words by place before this one. */
  readonly before: readonly string[];
}

/** A backslash at the very end still waits for its character. */
const WORD = /"(?:[^"\\]|\\.|\\$)*"?|\S+/gsu;

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
  if (name === undefined) return { at: 'elsewhere' };
  const command = name.text.startsWith('/') ? findCommand(name.text.slice(1).toLowerCase()) : undefined;
  const word = rest.pop();
  if (word === undefined) return { at: 'command', word: name, ...(command === undefined ? {} : { command }) };
  return command === undefined ? { at: 'elsewhere' } : placeInCommand(line.slice(0, cursor), command, rest, word);
}

function placeInCommand(line: string, command: CommandSpec, earlier: readonly TypedWord[], word: TypedWord): Place {
  const values = valuesAmong(command, [...earlier, word]);
  const placed = earlier.filter((each) => !isOption(each) && !values.has(each));
  const here: InCommand = { command, word, before: placed.map(({ text }) => text) };
  if (values.has(word)) return valueAt(here, earlier.at(-1));
  if (isOption(word) || (word.text === '-' && !word.quoted)) return { at: 'option', ...here };
  return parameterAt(line, here, placed);
}

function valueAt(here: InCommand, name: TypedWord | undefined): Place {
  const option = here.command.options.find((known) => `--${known.name}` === name?.text);
  return option === undefined || name === undefined
    ? { at: 'behind', ...here }
    : { at: 'value', ...here, option, from: name.from };
}

function parameterAt(line: string, here: InCommand, placed: readonly TypedWord[]): Place {
  const { parameters } = here.command;
  const last = parameters.length - 1;
  const index = parameters.at(-1)?.rest === true ? Math.min(placed.length, last) : placed.length;
  const parameter = parameters[index];
  if (parameter === undefined) return { at: 'behind', ...here };
  const begun = placed[index] ?? here.word;
  const word = parameter.rest === true ? { ...begun, text: line.slice(begun.from) } : begun;
  return { at: 'parameter', command: here.command, parameter, word, before: here.before.slice(0, index) };
}

const isOption = ({ text, quoted }: TypedWord) => !quoted && text.startsWith('--');

/** Which words belong to the option before them. */
function valuesAmong(command: CommandSpec, words: readonly TypedWord[]): ReadonlySet<TypedWord> {
  const values = new Set<TypedWord>();
  for (const [index, word] of words.entries()) {
    const before = words[index - 1];
    if (before !== undefined && isOption(before) && !values.has(before) && takesValue(command, before))
      values.add(word);
  }
  return values;
}

function takesValue(command: CommandSpec, { text }: TypedWord): boolean {
  const option = command.options.find(({ name }) => `--${name}` === text);
  return option?.value !== undefined;
}

/** A quote that is not closed, or whose closing one is escaped. */
function isOpenQuote(word: string): boolean {
  return word.startsWith('"') && !/^"(?:[^"\\]|\\.)*"$/su.test(word.trimEnd());
}
