import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../shared/bytes.ts';

describe('utf8', () => {
  it('gives every text back from its bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8.decode(utf8.encode(text))).toBe(text);
      }),
    );
  });

  it.each(['\ufeff', '\ufeff{}', '\ufeff\ufeff', 'a\ufeff'])('keeps the byte order mark of %j', (text) => {
    expect(utf8.decode(utf8.encode(text))).toBe(text);
  });

  it.each([[[0xff]], [[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0xe2, 0x82]]])(
    'refuses %j, which is no UTF-8',
    (bytes) => {
      expect(() => utf8.decode(new Uint8Array(bytes))).toThrow(TypeError);
    },
  );
});
