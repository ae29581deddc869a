import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generateP256, hasLowS, signP256, verifyP256 } from '../../../shared/crypto/ecdsa.ts';
import { InvariantViolation } from '../../../shared/invariant.ts';
import { refusalOf } from '../../support/refusal.ts';

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const message = new TextEncoder().encode('a statement');
const pair = generateP256();
const verify = (signature: Uint8Array, bytes = message, key = pair.publicKey) =>
  refusalOf(verifyP256(key, bytes, signature));

describe('P-256 signatures', () => {
  it('verify, are 64 bytes long and have low s', async () => {
    for (let round = 0; round < 32; round += 1) {
      const signature = await signP256(pair.privateKey, message);
      expect(signature).toHaveLength(64);
      expect(scalar(signature.subarray(32)) <= ORDER >> 1n).toBe(true);
      expect(await verify(signature)).toBeUndefined();
    }
  });

  it('are refused with the other s, which OpenSSL would take', async () => {
    const signature = await signP256(pair.privateKey, message);
    expect(await verify(withS(signature, ORDER - scalar(signature.subarray(32))))).toBe('signature-invalid');
  });

  it('have the border between low and high s at half of the order', () => {
    const half = ORDER >> 1n;
    expect(hasLowS(withS(new Uint8Array(64), half))).toBe(true);
    expect(hasLowS(withS(new Uint8Array(64), half + 1n))).toBe(false);
  });

  it('are refused over other bytes, by another key, and with any byte changed', async () => {
    const signature = await signP256(pair.privateKey, message);
    expect(await verify(signature, new TextEncoder().encode('another'))).toBe('signature-invalid');
    expect(await verify(signature, message, generateP256().publicKey)).toBe('signature-invalid');
    for (const place of signature.keys()) {
      const changed = new Uint8Array(signature);
      changed[place]! ^= 1;
      expect(await verify(changed)).toBe('signature-invalid');
    }
  });

  it('are refused with another length, in DER, and with r or s out of range', async () => {
    const signature = await signP256(pair.privateKey, message);
    const der = sign('sha256', message, pair.privateKey);
    const zero = new Uint8Array(64);
    const longer = new Uint8Array(65);
    longer.set(signature);
    const refused = [new Uint8Array(), signature.subarray(1), longer, der, zero, withS(signature, 0n)];
    for (const bytes of refused) expect(await verify(bytes)).toBe('signature-invalid');
    // r = 0, and r = n.
    const noR = new Uint8Array(signature).fill(0, 0, 32);
    const orderAsR = new Uint8Array(signature);
    orderAsR.set(Buffer.from(ORDER.toString(16), 'hex'));
    expect(await verify(noR)).toBe('signature-invalid');
    expect(await verify(orderAsR)).toBe('signature-invalid');
  });

  it('are asked of a P-256 key alone: another one is a bug', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const edwards = generateKeyPairSync('ed25519');
    for (const { privateKey, publicKey } of [other, edwards]) {
      expect(() => signP256(privateKey, message)).toThrow(InvariantViolation);
      expect(() => verifyP256(publicKey, message, new Uint8Array(64))).toThrow(InvariantViolation);
    }
    expect(() => signP256(pair.publicKey, message)).toThrow(InvariantViolation);
  });
});

function scalar(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function withS(signature: Uint8Array, s: bigint): Uint8Array {
  const changed = new Uint8Array(signature);
  changed.set(Buffer.from(s.toString(16).padStart(64, '0'), 'hex'), 32);
  return changed;
}
