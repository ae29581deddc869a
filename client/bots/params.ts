/** What a bot can be told on the command line: a table that gives options, help and types. */
import type { Currency } from '../../shared/wire/vocabulary.ts';
import { ClientError } from '../client-error.ts';
import { parseAmount } from '../commands/currency.ts';
import { parseDuration } from '../commands/parse-closing.ts';
import type { OptionSpec } from '../options.ts';

/** `amount` in the bot's currency, read into minor units; `duration` such as `5s` or `1h30m`, into milliseconds. */
export type ParamType = 'amount' | 'duration' | 'count' | 'number' | 'text';

export interface ParamSpec {
  readonly type: ParamType;
  readonly help: string;
  /** As it would be typed. Without one the parameter may be absent. */
  readonly default?: string;
}

/** By name; `lastLook` is typed `--last-look`. */
export type ParamTable = Readonly<Record<string, ParamSpec>>;

/** Text is a string, everything else a number. */
export type ParamValues<Table extends ParamTable> = {
  readonly [Name in keyof Table]:
    | (Table[Name]['type'] extends 'text' ? string : number)
    | (Table[Name] extends { readonly default: string } ? never : undefined);
};

const READERS: Readonly<Record<ParamType, (text: string, currency: Currency) => number | string | undefined>> = {
  amount: (text, currency) => parseAmount(text, currency),
  duration: (text) => parseDuration(text),
  count: (text) => (/^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : undefined),
  number: (text) => (/^[0-9]{1,9}(\.[0-9]{1,9})?$/.test(text) ? Number(text) : undefined),
  text: (text) => text,
};

/** The table as options. */
export function optionsOf(table: ParamTable = {}): readonly OptionSpec[] {
  return Object.entries(table).map(([name, { type, help, default: preset }]) => ({
    flags: `${flagOf(name)} <${type}>`,
    help: preset === undefined ? help : `${help}; ${preset}, if nothing is said`,
  }));
}

/** Reads what was typed. Throws `option-malformed` and what `parseAmount` throws. */
export function readParams<Table extends ParamTable>(
  table: Table | undefined,
  typed: Readonly<Record<string, unknown>>,
  currency: Currency,
): ParamValues<Table> {
  const values = Object.entries(table ?? {}).map(([name, { type, default: preset }]) => {
    const text = typed[name] ?? preset;
    if (text === undefined) return [name, undefined];
    const value = READERS[type](String(text), currency);
    if (value === undefined) throw new ClientError('option-malformed', `${flagOf(name)} is no ${type}: ${text}`);
    return [name, value];
  });
  return Object.freeze(Object.fromEntries(values));
}

function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
