/** What stands in for Node's own does the same: each door and its twin are asked the same questions. */

import { createECDH } from 'node:crypto';
import { isIPv4 as nodeIsIPv4, isIPv6 as nodeIsIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEALING_OVERHEAD_BYTES } from '../../../shared/crypto/ecies.ts';
import { generateAgreementKey, openWithKeys } from '../../../shared/crypto/ecies-box.ts';
import { isIPv4, isIPv6 } from '../../../shared/pki/alternative-names.ts';
import * as nodeAes from '../../../shared/platform/node/aes-gcm.ts';
import * as nodeArgon2 from '../../../shared/platform/node/argon2id.ts';
import * as nodeBytes from '../../../shared/platform/node/bytes.ts';
import * as nodeP256 from '../../../shared/platform/node/p256.ts';
import * as nodeSeal from '../../../shared/platform/node/seal.ts';
import * as nodeSha from '../../../shared/platform/node/sha256.ts';
import * as webAes from '../../../shared/platform/web/aes-gcm.ts';
import * as webArgon2 from '../../../shared/platform/web/argon2id.ts';
import * as webBytes from '../../../shared/platform/web/bytes.ts';
import * as webP256 from '../../../shared/platform/web/p256.ts';
import * as webSeal from '../../../shared/platform/web/seal.ts';
import * as webSha from '../../../shared/platform/web/sha256.ts';
import { refusalOf } from '../../support/refusal.ts';

const bytes = (constraints: fc.IntArrayConstraints = {}) => fc.uint8Array({ maxLength: 80, ...constraints });
function same<Answer>(one: Answer, other: Answer): void {
  expect(one).toEqual(other);
}

describe('bytes', () => {
  it('have the same text forms', () => {
    fc.assert(
      fc.property(bytes(), (some) => {
        same(webBytes.toHex(some), nodeBytes.toHex(some));
        same(webBytes.toBase64(some), nodeBytes.toBase64(some));
        same(webBytes.toBase64url(some), nodeBytes.toBase64url(some));
        same(webBytes.toLatin1(some), nodeBytes.toLatin1(some));
        same(webBytes.fromHex(nodeBytes.toHex(some)), some);
        same(webBytes.fromBase64(nodeBytes.toBase64(some)), some);
        same(webBytes.fromBase64(nodeBytes.toBase64url(some)), some);
      }),
    );
  });

  it('are read from text that is not canonical as others, so that the caller notices', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'AZaz09+/-_='), maxLength: 12 });
    fc.assert(
      fc.property(digits, (text) => {
        const isCanonical = (twin: typeof webBytes) => twin.toBase64(twin.fromBase64(text)) === text;
        same(isCanonical(webBytes), isCanonical(nodeBytes));
        const isCanonicalUrl = (twin: typeof webBytes) => twin.toBase64url(twin.fromBase64(text)) === text;
        same(isCanonicalUrl(webBytes), isCanonicalUrl(nodeBytes));
      }),
      { numRuns: 1_000 },
    );
  });

  it('are joined and compared alike', () => {
    fc.assert(
      fc.property(bytes({ maxLength: 4 }), bytes({ maxLength: 4 }), (one, other) => {
        same(webBytes.concat([one, other, one]), nodeBytes.concat([one, other, one]));
        same(webBytes.compare(one, other), nodeBytes.compare(one, other));
        same(webBytes.compare(one, one), 0);
      }),
    );
  });
});

it('digests are the same, and those of FIPS 180-4', () => {
  for (const twin of [nodeSha, webSha]) {
    const digest = nodeBytes.toHex(twin.hashSha256([new TextEncoder().encode('abc')]));
    expect(digest).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  }
  fc.assert(fc.property(fc.array(bytes()), (parts) => same(webSha.hashSha256(parts), nodeSha.hashSha256(parts))));
});

it('what one of them encrypts, the other opens, and no other bytes', () => {
  const key = bytes({ minLength: 32, maxLength: 32 });
  const nonce = bytes({ minLength: 12, maxLength: 16 });
  fc.assert(
    fc.property(key, nonce, bytes(), bytes(), (secret, once, plaintext, associated) => {
      const sealed = webAes.sealGcm(secret, once, plaintext, associated);
      same(nodeBytes.toHex(sealed.tag), nodeBytes.toHex(nodeAes.sealGcm(secret, once, plaintext, associated).tag));
      same(nodeAes.openGcm(secret, once, sealed, associated), plaintext);
      const again = nodeAes.sealGcm(secret, once, plaintext, associated);
      same(webAes.openGcm(secret, once, again, associated), plaintext);
      const forged = { ...again, tag: again.tag.map((byte, index) => (index === 15 ? byte ^ 1 : byte)) };
      expect(() => webAes.openGcm(secret, once, forged, associated)).toThrow();
      expect(() => nodeAes.openGcm(secret, once, forged, associated)).toThrow();
    }),
  );
});

it('what either of them seals, the key opens, and a key of low order is refused', async () => {
  const key = generateAgreementKey();
  const message = new TextEncoder().encode('one bid');
  for (const twin of [nodeSeal, webSeal]) {
    const seal = async (publicKey: Uint8Array) => (await twin.beginSealing(publicKey))(message);
    const sealed = await seal(key.publicKey);
    expect(sealed).toHaveLength(message.length + SEALING_OVERHEAD_BYTES);
    expect(openWithKeys([key], sealed)).toEqual(message);
    expect(await refusalOf(seal(new Uint8Array(32)))).toBe('malformed');
  }
});

it('a passphrase gives the same key', async () => {
  const message = new TextEncoder().encode('correct horse');
  const parameters = { message, salt: new Uint8Array(16).fill(7), memoryKiB: 64, passes: 2, lanes: 2, length: 32 };
  const keys = await Promise.all([nodeArgon2.argon2id(parameters), webArgon2.argon2id(parameters)]);
  expect(nodeBytes.toHex(keys[1])).toBe(nodeBytes.toHex(keys[0]));
});

describe('keys of P-256', () => {
  const message = new TextEncoder().encode('one bid');
  const other = new TextEncoder().encode('another bid');

  it('are written and read alike', () => {
    const { publicKey } = nodeP256.generateKeys();
    const spki = new Uint8Array(nodeP256.exportSpki(publicKey));
    const twin = webP256.importSpki(spki);
    expect(webP256.exportSpki(twin)).toEqual(spki);
    expect(webP256.coordinatesOf(twin)).toEqual(nodeP256.coordinatesOf(publicKey));
    expect(webP256.joseKeyOf(twin)).toEqual(publicKey.export({ format: 'jwk' }));
    expect(twin.equals(webP256.importSpki(spki))).toBe(true);
    expect(twin.equals(webP256.generateKeys().publicKey)).toBe(false);
    const pair = [webP256.generateKeys().publicKey, nodeP256.importSpki] as const;
    expect(nodeP256.coordinatesOf(pair[1](webP256.exportSpki(pair[0])))).toEqual(webP256.coordinatesOf(pair[0]));
  });

  it('are refused off the curve', () => {
    const spki = new Uint8Array(nodeP256.exportSpki(nodeP256.generateKeys().publicKey));
    spki[spki.length - 1]! ^= 1;
    expect(() => webP256.importSpki(spki)).toThrow();
    expect(() => nodeP256.importSpki(spki)).toThrow();
  });

  it('verify what the other one signed, in both forms, and nothing else', async () => {
    const scalar = nodeBytes.toBase64url(crypto.getRandomValues(new Uint8Array(32)).map((byte) => byte & 0x7f));
    const jwk = { kty: 'EC', crv: 'P-256', d: scalar };
    const { x, y } = webP256.coordinatesOf(publicKeyOf(jwk.d));
    const [node, web] = [nodeP256.importKeys(scalar, { x, y }), webP256.importKeys(scalar, { x, y })];
    for (const raw of [
      await nodeP256.signRaw(node.privateKey, message),
      await webP256.signRaw(web.privateKey, message),
    ]) {
      expect(raw).toHaveLength(64);
      expect(await nodeP256.holdsRaw(node.publicKey, message, raw)).toBe(true);
      expect(await webP256.holdsRaw(web.publicKey, message, raw)).toBe(true);
      expect(await webP256.holdsRaw(web.publicKey, other, raw)).toBe(false);
      expect(await webP256.holdsRaw(webP256.generateKeys().publicKey, message, raw)).toBe(false);
    }
    for (const der of [
      await nodeP256.signDer(node.privateKey, message),
      await webP256.signDer(web.privateKey, message),
    ]) {
      expect(nodeP256.holdsDer(node.publicKey, message, der)).toBe(true);
      expect(webP256.holdsDer(web.publicKey, message, der)).toBe(true);
      expect(webP256.holdsDer(web.publicKey, other, der)).toBe(false);
      expect(webP256.holdsDer(web.publicKey, message, der.subarray(1))).toBe(false);
    }
    expect([webP256.isOfP256(web.privateKey), webP256.isOfP256(web.publicKey)]).toEqual([true, true]);
    expect(JSON.stringify(web)).not.toContain(scalar);
  });
});

/** The point that belongs to a scalar, by Node. */
function publicKeyOf(scalar: string): webP256.P256PublicKey {
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(nodeBytes.fromBase64(scalar));
  return new webP256.P256PublicKey(curve.getPublicKey());
}

describe('addresses', () => {
  it.each([
    ...[
      '127.0.0.1',
      '255.255.255.255',
      '256.0.0.1',
      '01.2.3.4',
      '1.2.3',
      '1.2.3.4.5',
      '',
      '1.2.3.4 ',
      '::1',
      '::',
      '1::2',
    ],
    ...[
      '::ffff:1.2.3.4',
      '2001:db8::ff00:42:8329',
      '2001:DB8::1',
      '1:2:3:4:5:6:7:8',
      '1:2:3:4:5:6:7',
      '1::2::3',
      ':::',
    ],
    ...['g::1', '[::1]', '::1%eth0', '1:2:3:4:5:6:1.2.3.4', '12345::', 'localhost', 'a.b', '0x7f.1'],
  ])('%s is one, or is none, as Node says', (text) => {
    expect(isIPv4(text)).toBe(nodeIsIPv4(text));
    // A zone is of one machine alone: no certificate names it.
    expect(isIPv6(text)).toBe(nodeIsIPv6(text) && !text.includes('%'));
  });
});
