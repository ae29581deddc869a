import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseClosing, parseDuration } from '../../../client/commands/parse-closing.ts';
import type { Instant } from '../../../shared/wire/vocabulary.ts';
import { complaintBy } from '../complaint.ts';

/** Noon of a day in winter, in whatever zone the tests run. */
const NOON = new Date(2026, 10, 21, 12, 0, 0).getTime() as Instant;
const local = (...fields: [number, number, number, number, number, number?]) => new Date(...fields).getTime();

describe('a closing', () => {
  it.each([
    ['+10m', NOON + 600_000],
    ['+1h30m', NOON + 5_400_000],
    ['+2d', NOON + 172_800_000],
    ['+1w', NOON + 604_800_000],
    ['+90s', NOON + 90_000],
    ['18:00', local(2026, 10, 21, 18, 0)],
    ['today 18:00:30', local(2026, 10, 21, 18, 0, 30)],
    ['tomorrow 18:00', local(2026, 10, 22, 18, 0)],
    ['Tomorrow 6:00', local(2026, 10, 22, 6, 0)],
    ['2026-12-24T18:00', local(2026, 11, 24, 18, 0)],
    ['2026-12-24 18:00:15', local(2026, 11, 24, 18, 0, 15)],
    ['2026-12-24T18:00:00Z', Date.UTC(2026, 11, 24, 18)],
    ['2026-12-24T18:00:00.5+05:30', Date.UTC(2026, 11, 24, 12, 30, 0, 500)],
    ['2026-12-24t18:00z', Date.UTC(2026, 11, 24, 18)],
    ['2026-12-24T18:00-0800', Date.UTC(2026, 11, 25, 2)],
    ['2028-02-29T12:00Z', Date.UTC(2028, 1, 29, 12)],
  ])('%s', (text, at) => {
    expect(parseClosing(text, NOON)).toBe(at);
  });

  it.each([
    '',
    '+',
    '+10',
    '10m',
    '+m',
    '+0m',
    '+-5m',
    '+1.5h',
    '+30m1h',
    '+1e3m',
    '25:00',
    '24:00',
    '12:60',
    '12',
    'noon',
    'yesterday 18:00',
    'tomorrow',
    '2027-02-29T12:00Z',
    '2027-13-01T12:00Z',
    '2027-01-01',
    '2027-01-01T24:00Z',
    '2027-01-01T12:00+15:00',
    '2027-01-01T12:00+01:60',
    '01.02.2027 12:00',
    '1e12',
    '+٥m',
    '12026-01-01T12:00Z',
  ])('%j has no known form', (text) => {
    expect(complaintBy(() => parseClosing(text, NOON))).toBe('date-malformed');
  });

  it.each(['11:59', '12:00', '2026-11-21T00:00', '1999-12-31T23:59Z'])('%s is in the past', (text) => {
    expect(complaintBy(() => parseClosing(text, NOON))).toBe('date-in-past');
  });

  it('is always after now, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        let at = Number.POSITIVE_INFINITY;
        const complaint = complaintBy(() => {
          at = parseClosing(text, NOON);
        });
        expect(complaint !== undefined || (Number.isSafeInteger(at) && at > NOON)).toBe(true);
      }),
    );
  });

  it('written as ISO 8601 is that instant', () => {
    fc.assert(
      fc.property(fc.integer({ min: NOON + 1, max: 253_402_300_799_999 }), (at) => {
        expect(parseClosing(new Date(at).toISOString(), NOON)).toBe(at);
      }),
    );
  });
});

describe('a duration', () => {
  it.each([
    ['5m', 300_000],
    ['1d2h', 93_600_000],
    ['0h5s', 5_000],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '0s', '5', 'm', '5 m', '-5m'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
