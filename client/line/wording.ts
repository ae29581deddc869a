/** Words that several sentences share: how a lot, an amount and a moment are called. Text by others is printable in them. */
import type { Amount, Currency } from '../../shared/wire/vocabulary.ts';
import { formatAmount } from '../commands/currency.ts';
import { printableLine } from '../store/printable.ts';
import { duration } from '../store/select.ts';
import type { AboutLot, LotFact } from './fact.ts';

export function catalogue(lots: readonly LotFact[], now: number): string {
  if (lots.length === 0) return 'No lots.';
  return [`${lots.length} ${lots.length === 1 ? 'lot' : 'lots'}:`, ...lots.map((lot) => `  ${lotLine(lot, now)}`)].join(
    '\n',
  );
}

export function lotLine(lot: LotFact, now: number): string {
  const price =
    lot.leadingAmount === undefined
      ? `from ${money(lot.startingPrice, lot)}`
      : `${money(lot.leadingAmount, lot)} after ${lot.bids} ${lot.bids === 1 ? 'bid' : 'bids'}`;
  const end = lot.status === 'open' ? closesIn(lot.closesAt - now) : lot.status;
  const ours = lot.standing === 'none' ? '' : `, ${lot.standing}`;
  return `${name(lot)}, ${price}, ${end}${ours}.`;
}

function closesIn(leftMs: number): string {
  return leftMs > 0 ? `closes in ${duration(leftMs)}` : 'closing';
}

export function name({ number, title, lot }: AboutLot): string {
  const text = title === undefined ? '' : ` "${printableLine(title)}"`;
  return number === undefined ? `lot ${lot}` : `#${number}${text}`;
}

export function money(amount: number | undefined, { currency }: { readonly currency?: string }): string {
  if (amount === undefined || currency === undefined) return 'an amount';
  return `${formatAmount(amount as Amount, currency as Currency)} ${currency}`;
}

/** In this machine's zone. */
export function moment(at: number): string {
  return new Date(at).toLocaleString();
}
