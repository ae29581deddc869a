/** The prompt as it is drawn: a line that scrolls sideways, the menu, and one line that says what comes next. */

import { ClientError } from '../client-error.ts';
import { COMMANDS, type CommandSpec, type Parameter } from '../commands/command-table.ts';
import { parseAmount } from '../commands/currency.ts';
import { didYouMean } from '../commands/did-you-mean.ts';
import { formatMoney } from '../commands/money.ts';
import { nextValidBid } from '../store/select.ts';
import { type Completion, complete, lotBefore, type PromptWorld } from './complete.ts';
import { cellsOf, graphemesOf } from './graphemes.ts';
import { menuOf, type Prompt } from './prompt.ts';
import type { Place } from './typed-words.ts';

export interface PromptDrawing {
  /** At most `width` cells. */
  readonly line: string;
  /** Cells before the cursor in `line`. */
  readonly cursorColumn: number;
  readonly menu: readonly { readonly label: string; readonly help: string; readonly selected: boolean }[];
  /** What the line is about, and the keys that matter. Not cut to any width. */
  readonly hint: string;
}

/** Lines of the menu at a time. */
const MENU_LINES = 6;

/** Draws a prompt for a line of `width` cells. */
export function drawPrompt(prompt: Prompt, world: PromptWorld, width: number): PromptDrawing {
  const menu = menuOf(prompt, world);
  return { ...visiblePart(prompt, width), menu: menuLines(prompt, menu), hint: hintOf(prompt, menu, world) };
}

/** The part of the line around the cursor, with the cell of the cursor itself. */
function visiblePart({ text, cursor }: Prompt, width: number): Pick<PromptDrawing, 'line' | 'cursorColumn'> {
  const before = graphemesOf(text.slice(0, cursor));
  const after = graphemesOf(text.slice(cursor));
  const isWhole = cellsOf(text) < width;
  // A third of the width stays free behind the cursor, so that what comes next can be read.
  const room = isWhole ? width : width - 1 - Math.min(Math.floor(width / 3), cellsOf(text.slice(cursor)));
  const head = lastWithin(before, room);
  const cursorColumn = cellsOf(head);
  return { line: head + firstWithin(after, width - cursorColumn), cursorColumn };
}

function lastWithin(graphemes: readonly string[], width: number): string {
  return firstWithin(graphemes.toReversed(), width, (kept, next) => next + kept);
}

function firstWithin(
  graphemes: readonly string[],
  width: number,
  join = (kept: string, next: string) => kept + next,
): string {
  let kept = '';
  let cells = 0;
  for (const grapheme of graphemes) {
    cells += cellsOf(grapheme);
    if (cells > width) break;
    kept = join(kept, grapheme);
  }
  return kept;
}

/** A window of the choices around the one that somebody went to. */
function menuLines({ chosen }: Prompt, menu: Completion | undefined): PromptDrawing['menu'] {
  if (menu === undefined) return [];
  const selected = chosen ?? (menu.place.at === 'command' ? 0 : undefined);
  const first = Math.max(0, Math.min((selected ?? 0) - MENU_LINES + 2, menu.choices.length - MENU_LINES));
  return menu.choices
    .slice(first, first + MENU_LINES)
    .map(({ label, help }, index) => ({ label, help, selected: first + index === selected }));
}

function hintOf(prompt: Prompt, menu: Completion | undefined, world: PromptWorld): string {
  if (prompt.text === '') return '';
  const { place } = menu ?? complete(prompt.text, prompt.cursor, world);
  const parts = [aboutPlace(prompt, place), adviceAt(prompt, place, world), keysOf(menu)];
  return parts.filter((part) => part !== '').join('   ');
}

function aboutPlace({ text }: Prompt, place: Place): string {
  if (place.at === 'command') return text.startsWith('/') ? unknownCommand(place) : 'A command begins with /.';
  if (place.command === undefined) return unknownCommand({ word: { text: text.split(' ')[0] ?? '' } });
  return shape(place.command, place.at === 'parameter' ? place.parameter : undefined);
}

/** `/bid <lot> <AMOUNT>`: capital letters for what is typed now. */
function shape({ name, parameters }: CommandSpec, now: Parameter | undefined): string {
  const words = parameters.map((parameter) => {
    const word = parameter === now ? parameter.name.toUpperCase() : parameter.name;
    return parameter.optional === true ? `[${word}]` : `<${word}>`;
  });
  return [`/${name}`, ...words].join(' ');
}

function unknownCommand({ word }: { readonly word: { readonly text: string } }): string {
  const typed = word.text.replace(/^\//u, '');
  const names = COMMANDS.map(({ name }) => name);
  if (names.some((name) => name.startsWith(typed.toLowerCase()))) return '';
  const near = didYouMean(typed, names);
  return near === undefined ? 'There is no such command.' : `There is no such command; did you mean /${near}?`;
}

function adviceAt(prompt: Prompt, place: Place, world: PromptWorld): string {
  if (place.at !== 'parameter') return '';
  const { parameter, word } = place;
  const lot = parameter.kind === 'amount' ? lotBefore(place, world.model) : undefined;
  if (lot === undefined) return prompt.text.endsWith(' ') || word.text === '' ? parameter.help : '';
  if (lot.status !== 'open') return `lot ${lot.number} is ${lot.status}`;
  const { currency } = lot.terms;
  const least = nextValidBid(lot);
  const said = `next valid: ${formatMoney(least, currency)}`;
  return word.text !== '' && amountOf(word.text, currency) < least ? `too low, ${said}` : said;
}

/** Infinite while it is no amount: what is not typed out is not too low. */
function amountOf(text: string, currency: Parameters<typeof parseAmount>[1]): number {
  try {
    return parseAmount(text, currency);
  } catch (error) {
    if (error instanceof ClientError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

function keysOf(menu: Completion | undefined): string {
  return menu === undefined ? 'Enter send · Esc close' : 'Tab complete · Enter send · Esc close';
}
