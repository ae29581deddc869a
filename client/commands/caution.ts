/** What somebody should know before a command is sent. Pure: whoever asks, the answer comes from the intent and the model. */

import type { Amount } from '../../shared/wire/vocabulary.ts';
import { ClientError } from '../client-error.ts';
import type { LotModel, Model } from '../store/model.ts';
import { printableLine } from '../store/printable.ts';
import { findLot, nextValidBid } from '../store/select.ts';
import { formatAmount, parseAmount } from './currency.ts';
import type { BidIntent, Intent } from './intent.ts';

export interface Caution {
  /** `first-bid` only tells; `jump-bid` wants a yes. */
  readonly code: 'first-bid' | 'jump-bid';
  /** Sentences, printable as they are. */
  readonly lines: readonly string[];
}

/** What this home has done before. */
export interface CautionMemory {
  readonly hasBidBefore: boolean;
}

/** A bid jumps from so many times the next valid one … */
const JUMP_FACTOR = 2;
/** … and more than so many increments above it. */
const JUMP_INCREMENTS = 10;

/** Who learns what of a bid, and when. */
const FIRST_BID: readonly string[] = [
  'This is your first bid from here. A bid binds you, and it can not be taken back.',
  'Everybody learns its amount and its time at once (in the last seconds: with the closing), under a pseudonym made for this bid alone.',
  'The house learns your key, never your name.',
  'If you win, the seller gets your user name and your contact when the lot closes, and you get theirs. Nobody else learns either.',
];

/**
 * What to tell or to ask before this intent is performed; `undefined` where there is nothing, or the intent says yes
 * already. A first bid that jumps is told as both, and asked about as a jump.
 */
export function cautionFor(intent: Intent, model: Model, memory: CautionMemory): Caution | undefined {
  if (intent.name !== 'bid' || intent.yes === true) return undefined;
  const first = memory.hasBidBefore ? [] : FIRST_BID;
  const jump = jumpLine(intent, model);
  if (jump !== undefined) return { code: 'jump-bid', lines: [...first, jump] };
  return first.length === 0 ? undefined : { code: 'first-bid', lines: first };
}

/** Whether an amount is far more than a lot asks for: at least twice the next valid bid, and more than ten increments above it. */
export function isJump(lot: LotModel, amount: Amount): boolean {
  const next = nextValidBid(lot);
  return amount >= JUMP_FACTOR * next && amount > next + JUMP_INCREMENTS * lot.terms.increment;
}

function jumpLine(intent: BidIntent, model: Model): string | undefined {
  const lot = findLot(model, intent.lot);
  const amount = lot === undefined ? undefined : amountIn(lot, intent.amount);
  if (lot === undefined || amount === undefined || lot.status !== 'open' || !isJump(lot, amount)) return undefined;
  const { currency, title } = lot.terms;
  const money = (value: Amount) => `${formatAmount(value, currency)} ${currency}`;
  return `${money(amount)} is far more than the ${money(nextValidBid(lot))} that #${lot.number} "${printableLine(title)}" asks for.`;
}

/** `undefined` for what is no amount: the command itself complains about that. */
function amountIn(lot: LotModel, text: string): Amount | undefined {
  try {
    return parseAmount(text, lot.terms.currency);
  } catch (error) {
    if (error instanceof ClientError) return undefined;
    throw error;
  }
}
