/** Money as people write it, and the integer number of minor units that travels (ISO 4217). */

import { MAX_AMOUNT } from '../../shared/wire/limits.ts';
import type { Amount, Currency } from '../../shared/wire/vocabulary.ts';
import { ClientError } from '../client-error.ts';

/** Where the typed command names none. */
export const DEFAULT_CURRENCY = 'EUR' as Currency;

/** A positive decimal number as it was typed; how precise it may be is for the currency to say. */
const DECIMAL = /^(0|[1-9][0-9]{0,15})(?:\.([0-9]{1,15}))?$/;

/**
 * Minor units of an amount such as `120`, `120.5` or `120.00`. Throws `amount-malformed` for zero, signs, exponents,
 * separators, digits of other scripts and more decimals than the currency has; `amount-too-large` above 10^12 units.
 */
export function parseAmount(text: string, currency: Currency): Amount {
  const match = DECIMAL.exec(text);
  if (match === null) throw new ClientError('amount-malformed');
  const [, whole = '', fraction = ''] = match;
  const digits = fractionDigits(currency);
  if (fraction.length > digits) throw new ClientError('amount-malformed', precision(currency, digits));
  // At most 16 + 15 digits: exact as a bigint, and only then compared.
  const minorUnits = BigInt(whole + fraction.padEnd(digits, '0'));
  if (minorUnits === 0n) throw new ClientError('amount-malformed', 'it must be more than zero');
  if (minorUnits > BigInt(MAX_AMOUNT)) throw new ClientError('amount-too-large');
  return Number(minorUnits) as Amount;
}

/** An amount as a plain decimal number, which `parseAmount` reads back: `12000` EUR is `120.00`. */
export function formatAmount(amount: Amount, currency: Currency): string {
  const digits = fractionDigits(currency);
  if (digits === 0) return String(amount);
  const text = String(amount).padStart(digits + 1, '0');
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** An ISO 4217 code, in either case. Throws `currency-unknown`. */
export function parseCurrency(text: string): Currency {
  const code = text.toUpperCase();
  if (!Intl.supportedValuesOf('currency').includes(code)) throw new ClientError('currency-unknown');
  return code as Currency;
}

/** How many decimals a currency has: 2 for EUR, 0 for JPY, 3 for KWD; 2 for a code that nobody knows. */
export function fractionDigits(currency: Currency): number {
  const known = DIGITS.get(currency);
  if (known !== undefined) return known;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  // Codes are three capital letters, so there are at most 17 576 of them.
  DIGITS.set(currency, digits);
  return digits;
}

const DIGITS = new Map<Currency, number>();

function precision(currency: Currency, digits: number): string {
  if (digits === 0) return `${currency} has no decimals`;
  return `${currency} has ${digits} decimals`;
}
