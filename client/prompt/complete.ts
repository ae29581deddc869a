/** What can be typed where the cursor is: commands, lots, amounts, dates, options. All of it from the table of commands and the model. */

import { MAX_AMOUNT } from '../../shared/wire/limits.ts';
import type { Amount, Instant, LotId } from '../../shared/wire/vocabulary.ts';
import { ClientError } from '../client-error.ts';
import { COMMANDS, type CommandSpec, type ParameterKind } from '../commands/command-table.ts';
import { formatAmount } from '../commands/currency.ts';
import { parseLotReference } from '../commands/intent.ts';
import { formatMoney } from '../commands/money.ts';
import type { LotModel, Model } from '../store/model.ts';
import { printableLine } from '../store/printable.ts';
import { duration, findLot, nextValidBid, timeLeftMs } from '../store/select.ts';
import { cutToCells } from './graphemes.ts';
import { rank } from './rank.ts';
import { type Place, placeOf } from './typed-words.ts';

/** What the prompt knows of the world. */
export interface PromptWorld {
  readonly model: Model;
  /** The trusted time. */
  readonly now: Instant;
  readonly watched: ReadonlySet<LotId>;
}

export interface Choice {
  readonly label: string;
  readonly help: string;
  /** What stands in the line when it is taken. */
  readonly text: string;
}

export interface Completion {
  readonly place: Place;
  /** The part of the line that a choice replaces: up to the cursor. */
  readonly from: number;
  readonly choices: readonly Choice[];
}

/** What fits at the cursor, the best first. */
export function complete(line: string, cursor: number, world: PromptWorld): Completion {
  const place = placeOf(line, cursor);
  if (place.at === 'elsewhere') return { place, from: cursor, choices: [] };
  return { place, from: place.word.from, choices: choicesAt(place, world) };
}

/** The lot that the words before an amount name; `undefined` while they name none. */
export function lotBefore(place: Place, model: Model): LotModel | undefined {
  const word = place.at === 'parameter' ? place.before.at(-1) : undefined;
  return word === undefined ? undefined : namedLot(model, word);
}

function choicesAt(place: Exclude<Place, { at: 'elsewhere' }>, world: PromptWorld): Choice[] {
  const { word } = place;
  switch (place.at) {
    case 'command':
      return word.text.startsWith('/') ? commands(word.text.slice(1), '/') : [];
    case 'option':
      return options(place.command, word.text.slice(2));
    case 'value':
    case 'behind':
      return [];
    case 'parameter':
      return place.parameter.kind === undefined ? [] : CHOICES[place.parameter.kind](word.text, world, place);
  }
}

type Chooser = (typed: string, world: PromptWorld, place: Place) => Choice[];

const CHOICES: { readonly [Kind in ParameterKind]: Chooser } = {
  lot: (typed, world) => lots(typed, world, [...world.model.lots.values()]),
  'open-lot': (typed, world) =>
    lots(
      typed,
      world,
      [...world.model.lots.values()].filter((lot) => !lot.mine && timeLeftMs(lot, world.now) > 0),
    ),
  amount: (typed, { model }, place) => amounts(typed, lotBefore(place, model)),
  closing: (typed) => moments(typed, CLOSINGS),
  time: (typed) => moments(typed, JOURNEYS),
  command: (typed) => commands(typed.replace(/^\//u, ''), ''),
};

function commands(typed: string, prefix: string): Choice[] {
  return rank(COMMANDS, typed, ({ name }) => name).map(({ name, summary }) => {
    const text = `${prefix}${name}`;
    return { label: text, help: summary, text };
  });
}

function options({ options: known }: CommandSpec, typed: string): Choice[] {
  return known
    .filter(({ name }) => name.startsWith(typed))
    .map(({ name, value, help }) => ({
      label: value === undefined ? `--${name}` : `--${name} ${value}`,
      help,
      text: `--${name}`,
    }));
}

/** Those we watch first, then those that close first. */
function lots(typed: string, { now, watched }: PromptWorld, from: readonly LotModel[]): Choice[] {
  const urgency = new Map(from.map((lot) => [lot, urgencyOf(lot, now, watched)]));
  const inOrder = from.toSorted((one, other) => (urgency.get(one) ?? 0) - (urgency.get(other) ?? 0));
  const fitting = rank(inOrder, typed.replace(/^#/u, ''), ({ number, terms }) => `${number} ${terms.title}`);
  return fitting.map((lot) => new LotChoice(lot, now));
}

/** Says about its lot only when asked: few of the choices are ever shown. */
class LotChoice implements Choice {
  readonly label: string;
  readonly text: string;
  readonly #lot: LotModel;
  readonly #now: Instant;

  constructor(lot: LotModel, now: Instant) {
    this.label = String(lot.number);
    this.text = this.label;
    this.#lot = lot;
    this.#now = now;
  }

  get help(): string {
    return aboutLot(this.#lot, this.#now);
  }
}

function urgencyOf(lot: LotModel, now: Instant, watched: PromptWorld['watched']): number {
  return (watched.has(lot.lot) ? 0 : 1e15) + (lot.status === 'open' ? timeLeftMs(lot, now) : 1e14 + lot.number);
}

/** Cells of a title in the menu: the price and the time left stand behind it on a narrow terminal too. */
const MAX_TITLE_CELLS = 30;

function aboutLot(lot: LotModel, now: Instant): string {
  const { currency, startingPrice, title } = lot.terms;
  const price = formatMoney(lot.leading?.amount ?? startingPrice, currency);
  const left = lot.status === 'open' ? duration(timeLeftMs(lot, now)) : lot.status;
  return `${cutToCells(printableLine(title), MAX_TITLE_CELLS)} · ${price} · ${left}`;
}

/** The least that leads, and one and two increments above it. */
function amounts(typed: string, lot: LotModel | undefined): Choice[] {
  if (lot === undefined || lot.mine || lot.status !== 'open') return [];
  const { increment, currency } = lot.terms;
  const least = nextValidBid(lot);
  const words = ['next valid', 'one increment more', 'two increments more'];
  return words
    .map((help, index) => ({ help, amount: (least + index * increment) as Amount }))
    .filter(({ amount }) => amount <= MAX_AMOUNT)
    .map(({ help, amount }) => ({ label: formatMoney(amount, currency), help, text: formatAmount(amount, currency) }))
    .filter(({ text }) => text.startsWith(typed));
}

const CLOSINGS: readonly (readonly [string, string])[] = [
  ['+10m', 'in ten minutes'],
  ['+1h', 'in an hour'],
  ['+1d', 'in a day'],
  ['tomorrow 18:00', 'tomorrow evening'],
];
const JOURNEYS: readonly (readonly [string, string])[] = [
  ['+10m', 'ten minutes on'],
  ['+1h', 'an hour on'],
  ['+1d', 'a day on'],
  ['tomorrow 18:00', 'to tomorrow evening'],
];

function moments(typed: string, known: typeof CLOSINGS): Choice[] {
  return known
    .filter(([text]) => text.startsWith(typed.toLowerCase()))
    .map(([text, help]) => ({ label: text, help, text }));
}

/** The lot that a word names, if it names one. */
export function namedLot(model: Model, word: string): LotModel | undefined {
  try {
    return findLot(model, parseLotReference(word));
  } catch (error) {
    // Not a lot yet: somebody is still typing.
    if (error instanceof ClientError) return undefined;
    throw error;
  }
}
