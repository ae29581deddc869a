/** A command as words with names, whichever way it was written: typed, or as a JSON object. Checked against the table alone. */
import { ClientError } from '../client-error.ts';
import {
  COMMANDS,
  type CommandName,
  type CommandOption,
  type CommandSpec,
  findCommand,
  type Parameter,
} from './command-table.ts';
import { didYouMean } from './did-you-mean.ts';
import { splitWords, type Word } from './split-words.ts';

/** Which command, and its words by the names of the table. Every word that the command must have is there. */
export interface RawCommand {
  readonly name: CommandName;
  readonly words: ReadonlyMap<string, string>;
}

/** Reads `/bid 7 120.00`. Throws `command-unknown` and `command-malformed`. */
export function parseTyped(line: string): RawCommand {
  const [first, ...rest] = splitWords(line);
  if (first === undefined || first.quoted || !first.text.startsWith('/')) {
    throw new ClientError('command-malformed', 'a command begins with /');
  }
  const command = requireCommand(first.text.slice(1));
  const words = new Map<string, string>();
  const placed: string[] = [];
  const left = rest.values();
  for (const word of left) {
    if (word.quoted || !word.text.startsWith('--')) placed.push(word.text);
    else takeOption(command, word, left, words);
  }
  placeWords(command, placed, words);
  return complete(command, words);
}

/**
 * Reads the members of a JSON command but `id` and `command`: `{"lot": 7, "amount": "120.00"}`. Every member is a text;
 * a lot's number may be a number, and a word without a value is `true` or `false`. Throws `command-unknown` and `command-malformed`.
 */
export function parseMembers(name: unknown, members: ReadonlyMap<string, unknown>): RawCommand {
  if (typeof name !== 'string') throw new ClientError('command-malformed', '"command" is the name of a command');
  const command = requireCommand(name.replace(/^\//, ''));
  const words = new Map<string, string>();
  for (const [member, value] of members) {
    const known = requireName<Parameter | CommandOption>(command, member, [...command.parameters, ...command.options]);
    if (command.options.includes(known) && !('value' in known)) setFlag(words, member, value);
    else words.set(member, memberText(member, value));
  }
  return complete(command, words);
}

function requireCommand(name: string): CommandSpec & { readonly name: CommandName } {
  const command = findCommand(name.toLowerCase());
  if (command !== undefined) return command;
  const names = COMMANDS.map((known) => known.name);
  const nearest = didYouMean(name, names);
  throw new ClientError('command-unknown', nearest === undefined ? undefined : `did you mean /${nearest}?`);
}

function takeOption(command: CommandSpec, word: Word, left: Iterator<Word>, words: Map<string, string>): void {
  const [name = '', ...values] = word.text.slice(2).split('=');
  const option = requireName(command, name, command.options);
  if (words.has(name)) throw new ClientError('command-malformed', `--${name} is given twice`);
  if (option.value === undefined) {
    if (values.length > 0) throw new ClientError('command-malformed', `--${name} takes no value`);
    words.set(name, '');
    return;
  }
  const value = values.length > 0 ? values.join('=') : left.next().value?.text;
  if (value === undefined) throw new ClientError('command-malformed', `--${name} needs a value`);
  words.set(name, value);
}

function placeWords(command: CommandSpec, placed: readonly string[], words: Map<string, string>): void {
  for (const [index, parameter] of command.parameters.entries()) {
    const word = parameter.rest === true ? placed.slice(index).join(' ') : placed[index];
    if (word !== undefined && (word !== '' || parameter.rest !== true)) words.set(parameter.name, word);
  }
  const takesAll = command.parameters.at(-1)?.rest === true;
  if (!takesAll && placed.length > command.parameters.length) {
    throw new ClientError('command-malformed', `/${command.name} takes fewer words; quote a text that has blanks`);
  }
}

function requireName<Entry extends { readonly name: string }>(
  command: CommandSpec,
  name: string,
  known: readonly Entry[],
): Entry {
  const found = known.find((entry) => entry.name === name);
  if (found !== undefined) return found;
  const nearest = didYouMean(
    name,
    known.map((entry) => entry.name),
  );
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  throw new ClientError('command-malformed', `/${command.name} has no option of that name${hint}`);
}

function setFlag(words: Map<string, string>, member: string, value: unknown): void {
  if (typeof value !== 'boolean') throw new ClientError('command-malformed', `"${member}" is true or false`);
  if (value) words.set(member, '');
}

function memberText(member: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (member === 'lot' && Number.isSafeInteger(value)) return String(value);
  throw new ClientError('command-malformed', `"${member}" is a text, in quotes`);
}

function complete(
  command: CommandSpec & { readonly name: CommandName },
  words: ReadonlyMap<string, string>,
): RawCommand {
  const missing = command.parameters.find((parameter) => parameter.optional !== true && !words.has(parameter.name));
  if (missing !== undefined) throw new ClientError('command-malformed', `${missing.name.toUpperCase()} is missing`);
  return { name: command.name, words };
}
