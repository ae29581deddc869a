import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createSalts } from '../../../dms/commit/salts.ts';

it('gives every salt once, each in memory of its own', () => {
  const drawn: Uint8Array[] = [];
  const newSalt = createSalts((length) => {
    drawn.push(randomBytes(length));
    return drawn.at(-1)!;
  });
  const salts = Array.from({ length: 300 }, newSalt);
  expect(Buffer.concat(salts)).toEqual(Buffer.concat(drawn).subarray(0, 300 * 32));
  expect(new Set(salts.map(({ buffer }) => buffer.byteLength))).toEqual(new Set([32]));
});
