import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAmount, fractionDigits, parseAmount, parseCurrency } from '../../../client/commands/currency.ts';
import { MAX_AMOUNT } from '../../../shared/wire/limits.ts';
import { Amount, type Currency } from '../../../shared/wire/vocabulary.ts';
import { complaintBy } from '../complaint.ts';

const EUR = 'EUR' as Currency;
const JPY = 'JPY' as Currency;
const KWD = 'KWD' as Currency;

describe('amounts', () => {
  it.each([
    ['100.00', EUR, 10_000],
    ['100', EUR, 10_000],
    ['100.5', EUR, 10_050],
    ['0.01', EUR, 1],
    ['120', JPY, 120],
    ['1.234', KWD, 1_234],
    ['10000000000.00', EUR, MAX_AMOUNT],
  ])('%s %s is %d minor units', (text, currency, minorUnits) => {
    expect(parseAmount(text, currency)).toBe(minorUnits);
  });

  it.each([
    ['1.5e3', EUR],
    ['1e3', EUR],
    ['-1', EUR],
    ['+1', EUR],
    ['0', EUR],
    ['0.00', EUR],
    ['-0', EUR],
    ['NaN', EUR],
    ['Infinity', EUR],
    ['12.345', EUR],
    ['12.5', JPY],
    ['12,50', EUR],
    ['1,000.00', EUR],
    ['1 000', EUR],
    ['١٢٠', EUR],
    ['１２０', EUR],
    ['0x10', EUR],
    ['.5', EUR],
    ['5.', EUR],
    ['007', EUR],
    ['', EUR],
    ['99999999999999999999', EUR],
  ])('%j %s is malformed', (text, currency) => {
    expect(complaintBy(() => parseAmount(text, currency))).toBe('amount-malformed');
  });

  it.each([
    ['10000000000.01', EUR],
    ['9007199254740993', EUR],
    ['1000000000001', JPY],
  ])('%s %s is too large', (text, currency) => {
    expect(complaintBy(() => parseAmount(text, currency))).toBe('amount-too-large');
  });

  it('are read back as they were written, in every currency', () => {
    const currency = fc.constantFrom(...(Intl.supportedValuesOf('currency') as Currency[]));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_AMOUNT }), currency, (units, code) => {
        const amount = Amount.parse(units);
        expect(parseAmount(formatAmount(amount, code), code)).toBe(amount);
      }),
    );
  });

  it('no text but a plain decimal number is ever an amount', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        fc.pre(!/^\d+(\.\d+)?$/.test(text));
        expect(complaintBy(() => parseAmount(text, EUR))).toBe('amount-malformed');
      }),
    );
  });
});

describe('currencies', () => {
  it.each([
    ['EUR', 2],
    ['JPY', 0],
    ['KWD', 3],
    ['QQQ', 2],
  ])('%s has %d decimals', (code, digits) => {
    expect(fractionDigits(code as Currency)).toBe(digits);
  });

  it('are taken in either case', () => {
    expect(parseCurrency('usd')).toBe('USD');
  });

  it.each(['QQQ', 'EURO', '', '€', '__proto__'])('%j is none', (text) => {
    expect(complaintBy(() => parseCurrency(text))).toBe('currency-unknown');
  });
});
