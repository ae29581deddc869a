import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { expect, it } from 'vitest';
import { generateP256 } from '../../../shared/crypto/ecdsa.ts';
import { jwkThumbprint } from '../../../shared/crypto/jwk-thumbprint.ts';
import { InvariantViolation } from '../../../shared/invariant.ts';

it('is that of RFC 9449, section 6.1, for its key', () => {
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs',
    y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA',
  };
  expect(jwkThumbprint(createPublicKey({ key: jwk, format: 'jwk' }))).toBe(
    '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I',
  );
});

it('is the one that jose calculates, and the same for both halves of a pair', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { publicKey, privateKey } = generateP256();
    const jwk = publicKey.export({ format: 'jwk' }) as { kty: string };
    expect(jwkThumbprint(publicKey)).toBe(await calculateJwkThumbprint(jwk, 'sha256'));
    expect(jwkThumbprint(privateKey)).toBe(jwkThumbprint(publicKey));
  }
});

it('is the same whatever form of the point the key arrived in', () => {
  const { publicKey } = generateP256();
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const [bx, by] = [Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')];
  const compressed = Buffer.concat([
    Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex'),
    Buffer.of(2 + (by.at(-1)! & 1)),
    bx,
  ]);
  const twin = createPublicKey({ key: compressed, format: 'der', type: 'spki' });
  expect(jwkThumbprint(twin)).toBe(jwkThumbprint(publicKey));
});

it('is of P-256 keys alone: another one is a bug', () => {
  expect(() => jwkThumbprint(generateKeyPairSync('ed25519').publicKey)).toThrow(InvariantViolation);
});
