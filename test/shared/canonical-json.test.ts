import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson } from '../../shared/canonical-json.ts';
import { InvariantViolation } from '../../shared/invariant.ts';
import { codeThrownBy } from '../support/refusal.ts';

const text = (value: unknown) => new TextDecoder().decode(canonicalJson(value));

it('has one form for a value, in whatever order its members were written', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const turned = Object.fromEntries(Object.entries(object).reverse());
      expect(text(turned)).toBe(text(object));
      expect(JSON.parse(text(object))).toEqual(JSON.parse(JSON.stringify(object)));
    }),
  );
});

it('sorts names by UTF-16 unit and writes numbers as ECMAScript does', () => {
  // RFC 8785, section 3.2.3 and appendix B.
  expect(text({ '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, ö: 7 })).toBe(
    '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
  );
  expect(text([1e21, 1e-7, 1 / 3, -0, 4.5, 2e-3])).toBe('[1e+21,1e-7,0.3333333333333333,0,4.5,0.002]');
});

it.each(['\ud800', '\udc00', 'a\udfffb', '\udc00\ud800'])(
  'refuses half a character, which has no bytes: %j',
  (half) => {
    for (const value of [half, [half], { [half]: 1 }, { name: { name: half } }])
      expect(codeThrownBy(() => canonicalJson(value))).toBe('malformed');
  },
);

it('takes a value without a JSON form for a bug', () => {
  expect(() => canonicalJson(undefined)).toThrow(InvariantViolation);
});
