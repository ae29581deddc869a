import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { p256 } from '@noble/curves/nist.js';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { encodeBase64url } from '../../shared/bytes.ts';
import { generateP256, signP256, verifyP256 } from '../../shared/crypto/ecdsa.ts';
import { jwkThumbprint } from '../../shared/crypto/jwk-thumbprint.ts';
import { createJwsSigner, signJws, verifyJws } from '../../shared/crypto/jws.ts';

const message = new TextEncoder().encode('120.00 EUR for the oak desk');

it('verifies natively what @noble/curves signs', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { secretKey, publicKey } = p256.keygen();
    await verifyP256(publicKeyObject(publicKey), message, p256.sign(message, secretKey, { lowS: true }));
  }
});

it('signs natively what @noble/curves verifies, low s required', async () => {
  const { privateKey, publicKey } = generateP256();
  for (let round = 0; round < 20; round += 1) {
    const signature = await signP256(privateKey, message);
    expect(p256.verify(signature, message, rawPublicKey(publicKey), { lowS: true })).toBe(true);
  }
});

it('agrees with @noble/curves on what one key signs and names', async () => {
  const { secretKey, publicKey } = p256.keygen();
  const { x, y } = coordinates(publicKey);
  const native = createPrivateKey({
    key: { kty: 'EC', crv: 'P-256', x, y, d: encodeBase64url(secretKey) },
    format: 'jwk',
  });
  expect(jwkThumbprint(native)).toBe(jwkThumbprint(publicKeyObject(publicKey)));
  expect(p256.verify(await signP256(native, message), message, publicKey, { lowS: true })).toBe(true);
});

it('takes a JWS signed through @noble/curves for one signed natively', async () => {
  const { secretKey, publicKey } = p256.keygen();
  const key = publicKeyObject(publicKey);
  const schema = z.strictObject({ amount: z.int() });
  const signer = {
    kid: jwkThumbprint(key),
    sign: (bytes: Uint8Array) => Promise.resolve(p256.sign(bytes, secretKey, { lowS: true })),
  };

  const foreign = await signJws(signer, 'command+jwt', { amount: 12_000 });
  expect(await verifyJws(foreign, { typ: 'command+jwt', key, schema })).toEqual({ amount: 12_000 });

  const pair = generateP256();
  const native = await signJws(createJwsSigner(pair), 'command+jwt', { amount: 12_000 });
  const [header = '', payload = '', signature = ''] = native.split('.');
  const signed = new TextEncoder().encode(`${header}.${payload}`);
  const signatureBytes = new Uint8Array(Buffer.from(signature, 'base64url'));
  expect(p256.verify(signatureBytes, signed, rawPublicKey(pair.publicKey), { lowS: true })).toBe(true);
});

function publicKeyObject(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', ...coordinates(raw) }, format: 'jwk' });
}

function coordinates(raw: Uint8Array): { x: string; y: string } {
  const uncompressed = p256.Point.fromBytes(raw).toBytes(false);
  return { x: encodeBase64url(uncompressed.subarray(1, 33)), y: encodeBase64url(uncompressed.subarray(33)) };
}

function rawPublicKey(key: KeyObject): Uint8Array {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return new Uint8Array(Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]));
}
