import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64url, encodeBase64url } from '../../../shared/bytes.ts';
import { Bytes32 } from '../../../shared/wire/vocabulary.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const accepts = (text: string) => Bytes32.safeParse(text).success;
const isDecoded = (text: string) => decodeBase64url(text)?.byteLength === 32;

describe('32 bytes in base64url', () => {
  it('are accepted in the one form that they have', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => accepts(encodeBase64url(bytes))));
  });

  it('are what the decoder takes, whatever the last character is', () => {
    for (const last of [...ALPHABET, '+', '/', '=', ' ', '\n']) {
      const text = `${'A'.repeat(42)}${last}`;
      expect([text, accepts(text)]).toEqual([text, isDecoded(text)]);
    }
  });

  it('are what the decoder takes, of any text of about that length', () => {
    const character = fc.oneof({ weight: 200, arbitrary: fc.constantFrom(...ALPHABET) }, fc.string({ maxLength: 1 }));
    const text = fc.array(character, { minLength: 42, maxLength: 44 }).map((all) => all.join(''));
    fc.assert(fc.property(text, (some) => accepts(some) === isDecoded(some)));
  });

  it.each(['', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(43)}\n`, `${'A'.repeat(43)}=`])('are not %j', (text) => {
    expect(accepts(text)).toBe(false);
  });
});
