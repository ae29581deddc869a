import { createCipheriv } from 'node:crypto';
import { expect, it } from 'vitest';
import { openAesGcm, sealAesGcm } from '../../../shared/crypto/aes-gcm.ts';
import { InvariantViolation } from '../../../shared/invariant.ts';
import { codeThrownBy } from '../../support/refusal.ts';

const key = new Uint8Array(32).fill(7);
const nonce = new Uint8Array(16).fill(9);
const plaintext = new TextEncoder().encode('120.00 EUR');

it('opens what it seals, and only with the same associated data', () => {
  const bound = new TextEncoder().encode('session');
  const sealed = sealAesGcm(key, nonce, plaintext, bound);
  expect(openAesGcm(key, nonce, sealed, bound)).toEqual(plaintext);
  expect(codeThrownBy(() => openAesGcm(key, nonce, sealed))).toBe('envelope-unreadable');
});

it.each([4, 8, 12, 13, 14, 15])('refuses an honest tag of %i bytes', (authTagLength) => {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength });
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const sealed = { ciphertext, tag: cipher.getAuthTag() };
  expect(codeThrownBy(() => openAesGcm(key, nonce, sealed))).toBe('envelope-unreadable');
});

it.each([0, 8, 11, 17])('takes a nonce of %i bytes for a bug', (length) => {
  expect(() => sealAesGcm(key, new Uint8Array(length), plaintext)).toThrow(InvariantViolation);
});

it.each([16, 24, 31])('takes a key of %i bytes for a bug', (length) => {
  expect(() => sealAesGcm(new Uint8Array(length), nonce, plaintext)).toThrow(InvariantViolation);
});
