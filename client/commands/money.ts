/** Money for the eye: `125.00 €`. */
import type { Amount, Currency } from '../../shared/wire/vocabulary.ts';
import { formatAmount } from './currency.ts';

const SYMBOLS = new Map<Currency, string>();

export function formatMoney(amount: Amount, currency: Currency): string {
  return `${formatAmount(amount, currency)} ${symbolOf(currency)}`;
}

/** `€`, `$`, `CA$`; the code where a currency has no sign of its own. */
function symbolOf(currency: Currency): string {
  const known = SYMBOLS.get(currency);
  if (known !== undefined) return known;
  const parts = new Intl.NumberFormat('en', { style: 'currency', currency }).formatToParts(0);
  const symbol = parts.find(({ type }) => type === 'currency')?.value ?? currency;
  // Codes are three capital letters, so there are at most 17 576 of them.
  SYMBOLS.set(currency, symbol);
  return symbol;
}
