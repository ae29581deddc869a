import { createPrivateKey } from 'node:crypto';
import { decrypt, encrypt, PrivateKey } from 'eciesjs';
import { Config } from 'eciesjs/config';
import { describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../shared/bytes.ts';
import { generateSealingKey, openSealed, SEALING_OVERHEAD_BYTES, sealTo } from '../../shared/crypto/ecies.ts';

const config = new Config();
config.ellipticCurve = 'x25519';
config.symmetricAlgorithm = 'aes-256-gcm';
config.symmetricNonceLength = 16;

describe.each([0, 1, 15, 16, 300, 16_384])('a message of %i bytes', (length) => {
  const message = new Uint8Array(length).map((_, index) => (index * 31) % 256);

  it('sealed by eciesjs opens natively', async () => {
    const key = generateSealingKey();
    const sealed = encrypt(key.publicKey, message, config);
    expect(sealed).toHaveLength(length + SEALING_OVERHEAD_BYTES);
    expect(await openSealed(key, sealed)).toEqual(message);
  });

  it('sealed natively opens in eciesjs', async () => {
    const key = new PrivateKey(undefined, 'x25519');
    const sealed = await sealTo(key.publicKey.toBytes(), message);
    expect(sealed).toHaveLength(length + SEALING_OVERHEAD_BYTES);
    expect(decrypt(key.secret, sealed, config)).toEqual(message);
  });
});

it('gives both the same key: one pair opens natively and in eciesjs', async () => {
  const foreign = new PrivateKey(undefined, 'x25519');
  const publicKey = foreign.publicKey.toBytes();
  const jwk = { kty: 'OKP', crv: 'X25519', x: encodeBase64url(publicKey), d: encodeBase64url(foreign.secret) };
  const native = { publicKey, privateKey: createPrivateKey({ key: jwk, format: 'jwk' }) };
  const message = new TextEncoder().encode('120.00 EUR for the oak desk');

  for (const sealed of [await sealTo(publicKey, message), encrypt(publicKey, message, config)]) {
    expect(await openSealed(native, sealed)).toEqual(message);
    expect(decrypt(foreign.secret, sealed, config)).toEqual(message);
  }
});

it('is refused by eciesjs too when a byte was changed', async () => {
  const key = new PrivateKey(undefined, 'x25519');
  const sealed = await sealTo(key.publicKey.toBytes(), new Uint8Array(32));
  for (const place of [0, 32, 48, 64, sealed.length - 1]) {
    const changed = new Uint8Array(sealed);
    changed[place]! ^= 1;
    expect(() => decrypt(key.secret, changed, config)).toThrow();
  }
});
