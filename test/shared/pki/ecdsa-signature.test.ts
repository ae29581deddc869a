import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DerError } from '../../../shared/pki/der.ts';
import { encodeEcdsaSignature, readEcdsaSignature } from '../../../shared/pki/ecdsa-signature.ts';
import { hex } from '../../support/edit-certificate.ts';

const half = fc.bigInt({ min: 1n, max: (1n << 256n) - 1n }).map((value) => value.toString(16).padStart(64, '0'));

describe('a signature in DER', () => {
  it('is that of 64 bytes, and back', () => {
    fc.assert(
      fc.property(half, half, (r, s) => {
        const plain = hex(r + s);
        expect(readEcdsaSignature(encodeEcdsaSignature(plain))).toEqual(plain);
      }),
    );
  });

  it('has the fewest bytes', () => {
    const plain = hex(`${'00'.repeat(31)}01${'80'.padEnd(64, '0')}`);
    expect(Buffer.from(encodeEcdsaSignature(plain)).toString('hex')).toBe(`3026020101022100${'80'.padEnd(64, '0')}`);
  });

  it.each([
    ['an empty one', '3000'],
    ['one half', '3003 020101'],
    ['three of them', '3009 020101 020101 020101'],
    ['a half of zero', '3006 020100 020101'],
    ['a negative half', '3006 020101 0201ff'],
    ['a half of 33 bytes', `3026 020101 0221${'01'.repeat(33)}`],
    ['a padded half', '3007 02020001 020101'],
    ['bytes after it', '3006 020101 020101 00'],
  ])('refuses %s', (_what, der) => {
    expect(() => readEcdsaSignature(hex(der))).toThrow(DerError);
  });
});
