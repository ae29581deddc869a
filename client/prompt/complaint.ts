/** What is wrong with a line while it is typed. The parser judges it, so that both say the same; half a word is no mistake. */

import { adviceForComplaint, ClientError } from '../client-error.ts';
import type { ParameterKind } from '../commands/command-table.ts';
import { formatAmount, parseAmount } from '../commands/currency.ts';
import { parseInputLine } from '../commands/input-line.ts';
import { formatMoney } from '../commands/money.ts';
import { parseTyped } from '../commands/raw-command.ts';
import { quoteWord } from '../commands/split-words.ts';
import type { LotModel } from '../store/model.ts';
import { printableLine } from '../store/printable.ts';
import { nextValidBid } from '../store/select.ts';
import { namedLot, type PromptWorld } from './complete.ts';
import type { Line } from './editor.ts';
import type { Place } from './typed-words.ts';

/** One sentence; `undefined` where all can still become right. */
export function complaintAbout(line: Line, place: Place, world: PromptWorld): string | undefined {
  if (!line.text.startsWith('/')) return 'A command begins with /.';
  return (
    complaintOf(() => parseInputLine(completed(judged(line, place), place)).parse(world.now)) ??
    complaintAboutBid(place, world)
  );
}

/** The line up to the last word of which more can't change the verdict. */
function judged({ text, cursor }: Line, place: Place): string {
  switch (place.at) {
    case 'parameter':
      return text.slice(0, isHalf(place.word.text, place.parameter.kind) ? place.word.from : cursor);
    case 'option':
      return text.slice(0, place.word.from);
    case 'value':
      return text.slice(0, place.from);
    default:
      return text.slice(0, cursor);
  }
}

function isHalf(word: string, kind: ParameterKind | undefined): boolean {
  return word === '' || kind === undefined || HALF_WORDS[kind].test(word);
}

/** Anything that may become a moment: not yet a clock time with its minutes. */
const HALF_MOMENT =
  /^(?!.*:\d\d\s*$)(?:\+(?:\d+[wdhms])*\d*|\d[\d:.TtZz+ -]*|t[a-z]{0,7}|(?:today|tomorrow)\s+[\d:]*)$/iu;

/** What may become a word of its kind when more is typed; a lot and a command are searched by any letters. */
const HALF_WORDS: { readonly [Kind in ParameterKind]: RegExp } = {
  lot: /^/u,
  'open-lot': /^/u,
  command: /^/u,
  amount: /^(?:0?\.?0*|\d+\.)$/u,
  closing: HALF_MOMENT,
  time: HALF_MOMENT,
};

/** With the words that are still missing taken from the command's first example, so that they are not what is wrong. */
function completed(text: string, { command, ...place }: Place): string {
  if (command === undefined) return text;
  const sample = parseTyped(command.examples[0] ?? '').words;
  const isIn = place.at === 'parameter' && text.length > place.word.from;
  const there = 'before' in place ? place.before.length + (isIn ? 1 : 0) : 0;
  const missing = command.parameters.slice(there).filter(({ optional }) => optional !== true);
  return [text, ...missing.map(({ name }) => quoteWord(sample.get(name) ?? ''))].join(' ');
}

/** What the model says against a bid: the parser does not know the lots. */
function complaintAboutBid(place: Place, world: PromptWorld): string | undefined {
  if (!('before' in place)) return undefined;
  const index = place.command.parameters.findIndex(({ kind }) => kind === 'amount');
  const [reference, amount = place.word.text] = place.before.slice(index - 1, index + 1);
  if (index < 1 || reference === undefined) return undefined;
  const lot = namedLot(world.model, reference);
  if (lot === undefined) return 'No such lot is known here.';
  if (lot.mine) return `You offer #${lot.number} yourself.`;
  if (lot.status !== 'open') return `#${lot.number} is ${lot.status}.`;
  const isTyped = place.at === 'parameter' || place.before.length > index;
  return isTyped ? complaintAboutAmount(amount, lot) : undefined;
}

function complaintAboutAmount(text: string, lot: LotModel): string | undefined {
  const { currency } = lot.terms;
  const least = nextValidBid(lot);
  if (isHalf(text, 'amount') || formatAmount(least, currency).startsWith(text)) return undefined;
  const isTooLow = () => parseAmount(text, currency) < least;
  return complaintOf(isTooLow, `Too low; next valid: ${formatMoney(least, currency)}`);
}

/** What the parser says; else, where the answer is yes, the sentence for that. */
function complaintOf(judge: () => unknown, ifTrue?: string): string | undefined {
  try {
    return judge() === true ? ifTrue : undefined;
  } catch (error) {
    // The complaint is what was asked for.
    if (error instanceof ClientError) return sentenceOf(error);
    throw error;
  }
}

/** The advice; where the parser names the word or the reason, that in place of its second half. */
function sentenceOf({ code, detail }: ClientError): string {
  const advice = adviceForComplaint(code);
  return detail === undefined ? advice : `${advice.split(';')[0]}; ${printableLine(detail)}.`.replace('?.', '?');
}
