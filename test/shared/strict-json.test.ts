import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStrictJson } from '../../shared/strict-json.ts';
import { codeThrownBy } from '../support/refusal.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => parseStrictJson(bytes(text));

/** Whether all names in a value are written as they are, and none is refused. */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const names = Array.isArray(value) ? [] : Object.keys(value);
  return (
    names.every((name) => JSON.stringify(name) === `"${name}"` && name !== '__proto__') &&
    Object.values(value).every(isPlain)
  );
}

describe('parseStrictJson', () => {
  it('reads every JSON value whose names need no escape, however it is written', () => {
    fc.assert(
      fc.property(fc.jsonValue().filter(isPlain), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"a":2}',
    '{"a":1,"b":{"c":1,"d":0,"c":2}}',
    '[[{"a":[],"a":[]}]]',
    String.raw`{"a":1,"\u0061":2}`,
    '{"":1,"":2}',
    '{"1":1,"0":0,"1":1}',
    '{"constructor":1,"constructor":2}',
    String.raw`{"a\"":1,":":2,":":3}`,
  ])('refuses the duplicate in %s', (text) => {
    expect(codeThrownBy(() => parse(text))).toBe('malformed');
  });

  it('refuses any member that is written twice, wherever it stands', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(), (object, pick) => {
        const names = Object.keys(object).filter((name) => name !== '__proto__');
        fc.pre(names.length > 0);
        const name = names[pick % names.length];
        const text = `[0,${JSON.stringify(object).slice(0, -1)},${JSON.stringify(name)}:null}]`;
        expect(codeThrownBy(() => parse(text))).toBe('malformed');
      }),
    );
  });

  it.each([
    String.raw`{"a":"{\"b\":1,\"b\":1}","c":":"}`,
    String.raw`{"a":"\\","b":":\":"}`,
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}',
    '{"toString":1,"constructor":{},"hasOwnProperty":null}',
  ])('takes %s, where nothing is twice', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it.each(['{"__proto__":{"admin":true}}', '{"a":[{"__proto__":1}]}', String.raw`{"__pro\u0074o__":{}}`])(
    'refuses the member name in %s',
    (text) => {
      expect(codeThrownBy(() => parse(text))).toBe('malformed');
      expect(({} as { admin?: boolean }).admin).toBeUndefined();
    },
  );

  it.each(['', ' ', '{', '{"a":1}x', "{'a':1}", '{"a":NaN}', '\ufeff{"a":1}', '{"a":01}', '[1,]', 'undefined'])(
    'refuses %j, which is not JSON',
    (text) => {
      expect(codeThrownBy(() => parse(text))).toBe('malformed');
    },
  );

  it.each([String.raw`{"\u0061":1}`, String.raw`{"a":{"\"":1}}`, String.raw`{"a":1,"b":[{"c\n" :1}]}`])(
    'refuses the escape in a name of %s, which the platform may read in two ways',
    (text) => {
      // After these, `"\\""` in the place of a second member is read as `\\` by V8 13.6.
      for (let times = 0; times < 3; times++) JSON.parse(String.raw`{"a":1,"\\":2}`);
      expect(codeThrownBy(() => parse(text))).toBe('malformed');
    },
  );

  it('refuses a name with an escape beside one that is there twice', () => {
    expect(codeThrownBy(() => parse(String.raw`{"b":1,"b":1,"\"":2}`))).toBe('malformed');
    expect(parse(String.raw`{"b":"\"b\":","c":"\\"}`)).toEqual({ b: '"b":', c: '\\' });
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(codeThrownBy(() => parseStrictJson(Uint8Array.of(0x22, 0xff, 0x22)))).toBe('malformed');
    // An over-long slash, and half of a surrogate pair.
    expect(codeThrownBy(() => parseStrictJson(Uint8Array.of(0x22, 0xc0, 0xaf, 0x22)))).toBe('malformed');
    expect(codeThrownBy(() => parseStrictJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)))).toBe('malformed');
  });

  it('survives the deepest and the widest text that fits into a frame', () => {
    const depth = 8_000;
    expect(() => parse('['.repeat(depth) + ']'.repeat(depth))).not.toThrow();
    expect(() => parse(`${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`)).not.toThrow();
    expect(parse(`[${'0,'.repeat(200_000)}0]`)).toHaveLength(200_001);
  });

  it('survives a longer string than any answer may hold', () => {
    expect(parse(JSON.stringify('a:'.repeat(6_000_000)))).toHaveLength(12_000_000);
    expect(parse(JSON.stringify('":"'.repeat(2_000_000)))).toHaveLength(6_000_000);
  });
});
