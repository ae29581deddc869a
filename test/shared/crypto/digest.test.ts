import fc from 'fast-check';
import { expect, it } from 'vitest';
import { digestOf, digestOfTerms, digestOfText, sha256 } from '../../../shared/crypto/digest.ts';
import { LotTerms } from '../../../shared/wire/commands.ts';
import { Digest } from '../../../shared/wire/vocabulary.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex');

it('is SHA-256', () => {
  // FIPS 180-4 examples.
  expect(hex(sha256())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(hex(sha256(bytes('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

it('hashes parts as one text', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (parts) => {
      expect(sha256(...parts)).toEqual(sha256(new Uint8Array(Buffer.concat(parts))));
    }),
  );
});

it('writes digests as the protocol does', () => {
  const digest = digestOf(bytes('abc'));
  expect(digest).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
  expect(digestOfText('abc')).toBe(digest);
  expect(Digest.parse(digest)).toBe(digest);
});

it('gives terms one digest, whatever the order of their members, and other terms another', () => {
  const terms = LotTerms.parse({
    title: 'Oak desk',
    currency: 'EUR',
    startingPrice: 10_000,
    increment: 500,
    closesAt: 1_763_690_000_000,
  });
  const turned = Object.fromEntries(Object.entries(terms).reverse()) as LotTerms;
  // By hand: SHA-256 of {"closesAt":1763690000000,"currency":"EUR","increment":500,"startingPrice":10000,"title":"Oak desk"}
  expect(digestOfTerms(terms)).toBe(
    digestOfText(
      '{"closesAt":1763690000000,"currency":"EUR","increment":500,"startingPrice":10000,"title":"Oak desk"}',
    ),
  );
  expect(digestOfTerms(turned)).toBe(digestOfTerms(terms));
  expect(digestOfTerms({ ...terms, description: 'Old' })).not.toBe(digestOfTerms(terms));
});
