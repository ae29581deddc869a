import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printableLine, printableText } from '../../../client/store/printable.ts';

const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;

describe('text by others', () => {
  it.each([
    ['Oak desk, 1920', 'Oak desk, 1920'],
    ['\u001b[31mred\u001b[0m', '[31mred [0m'],
    ['a\u202eb\u2066c', 'a b c'],
    ['one\r\ntwo', 'one two'],
    ['\u009b2J', '2J'],
    ['\u200bzero\ufeff', 'zero'],
    ['Kühlschrank 冷蔵庫', 'Kühlschrank 冷蔵庫'],
  ])('%j is shown as %j', (text, shown) => {
    expect(printableLine(text)).toBe(shown);
  });

  it('has nothing left that could paint a terminal, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printableLine(text)).not.toMatch(FORBIDDEN);
        expect(printableText(text).replaceAll('\n', '')).not.toMatch(FORBIDDEN);
      }),
    );
  });

  it('of the Big List of Naughty Strings too', () => {
    const naughty: string[] = JSON.parse(
      readFileSync(new URL('../../vectors/naughty-strings/blns.json', import.meta.url), 'utf8'),
    );
    expect(naughty.length).toBeGreaterThan(400);
    for (const text of naughty) expect(printableLine(text)).not.toMatch(FORBIDDEN);
  });

  it('keeps its line breaks where it is encoded again', () => {
    expect(printableText('one\ntwo\u001b')).toBe('one\ntwo ');
  });
});
