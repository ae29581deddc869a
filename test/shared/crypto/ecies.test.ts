import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sealAesGcm } from '../../../shared/crypto/aes-gcm.ts';
import { generateSealingKey, openSealed, SEALING_OVERHEAD_BYTES, sealTo } from '../../../shared/crypto/ecies.ts';
import { hkdfSha256 } from '../../../shared/crypto/hkdf.ts';
import { agreeX25519, generateX25519 } from '../../../shared/crypto/x25519.ts';
import { refusalOf } from '../../support/refusal.ts';

const key = generateSealingKey();
const message = new TextEncoder().encode('a statement and its timestamp');
const open = (sealed: Uint8Array, by = key) => refusalOf(openSealed(by, sealed));

/** Points of low order on Curve25519 and its twist, the last two in a form that is not reduced: what they agree on is zero. */
const LOW_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];
const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

describe('sealing', () => {
  it('opens to what was sealed, and adds 64 bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (plaintext) => {
        const sealed = await sealTo(key.publicKey, plaintext);
        expect(sealed).toHaveLength(plaintext.length + SEALING_OVERHEAD_BYTES);
        expect(await openSealed(key, sealed)).toEqual(plaintext);
      }),
      { numRuns: 25 },
    );
    expect(SEALING_OVERHEAD_BYTES).toBe(64);
  });

  it('gives other bytes each time, none of them the message', async () => {
    const [first, second] = await Promise.all([sealTo(key.publicKey, message), sealTo(key.publicKey, message)]);
    for (const [from, to] of [
      [0, 32],
      [32, 48],
      [48, 64],
      [64, first.length],
    ]) {
      expect(first.subarray(from, to)).not.toEqual(second.subarray(from, to));
    }
    expect(Buffer.from(first).includes(Buffer.from(message))).toBe(false);
  });

  it.each(LOW_ORDER)('refuses to seal to %s, of low order', async (publicKey) => {
    expect(await refusalOf(sealTo(fromHex(publicKey), message))).toBe('malformed');
  });

  it.each([0, 31, 33, 64])('refuses to seal to a key of %i bytes', async (length) => {
    expect(await refusalOf(sealTo(new Uint8Array(length).fill(9), message))).toBe('malformed');
  });
});

describe('opening', () => {
  it('is refused with any byte changed', async () => {
    const sealed = await sealTo(key.publicKey, message);
    for (const place of sealed.keys()) {
      const changed = new Uint8Array(sealed);
      changed[place]! ^= 1;
      expect(await open(changed), `byte ${place}`).toBe('envelope-unreadable');
    }
  });

  it('is refused with another spelling of the ephemeral key, which agrees on the same secret', async () => {
    const sealed = await sealTo(key.publicKey, message);
    const twin = new Uint8Array(sealed);
    twin[31]! ^= 0x80;
    const [ours, theirs] = [sealed, twin].map((bytes) => agreeX25519(key.privateKey, bytes.subarray(0, 32)));
    expect(await ours).toEqual(await theirs);
    expect(await open(twin)).toBe('envelope-unreadable');
  });

  it('is refused with another key', async () => {
    expect(await open(await sealTo(key.publicKey, message), generateSealingKey())).toBe('envelope-unreadable');
  });

  it('is refused with a part missing or more behind', async () => {
    const sealed = await sealTo(key.publicKey, message);
    for (let length = 0; length < sealed.length; length += 1) {
      expect(await open(sealed.subarray(0, length)), `${length} bytes`).toBe('envelope-unreadable');
    }
    expect(await open(new Uint8Array([...sealed, 0]))).toBe('envelope-unreadable');
  });

  it('is refused with a shorter tag, which Node takes where it is not told the length', async () => {
    const sealed = await sealTo(key.publicKey, new Uint8Array());
    expect(await open(sealed.subarray(0, 52))).toBe('envelope-unreadable');
  });

  it.each(LOW_ORDER)('is refused with the ephemeral key %s, of low order', async (ephemeral) => {
    // What anybody can make: the key follows from a shared secret that is zero.
    const zeroSecret = hkdfSha256(new Uint8Array([...fromHex(ephemeral), ...new Uint8Array(32)]), 32);
    const nonce = new Uint8Array(16);
    const { tag, ciphertext } = sealAesGcm(zeroSecret, nonce, message);
    const sealed = new Uint8Array([...fromHex(ephemeral), ...nonce, ...tag, ...ciphertext]);
    expect(await open(sealed)).toBe('envelope-unreadable');
  });
});

describe('X25519', () => {
  it('agrees from both sides', async () => {
    const [one, other] = [generateX25519(), generateX25519()];
    expect(await agreeX25519(one.privateKey, other.publicKey)).toEqual(
      await agreeX25519(other.privateKey, one.publicKey),
    );
  });
});
