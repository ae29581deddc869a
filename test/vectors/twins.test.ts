/** Both of each door and its twin do what the public vectors say; what is refused beyond that, for a high s, is above the doors. */
import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as nodeAes from '../../shared/platform/node/aes-gcm.ts';
import * as nodeP256 from '../../shared/platform/node/p256.ts';
import * as webAes from '../../shared/platform/web/aes-gcm.ts';
import * as webP256 from '../../shared/platform/web/p256.ts';
import { fromHex, loadVectors } from './run-suite.ts';

interface Vector {
  readonly tcId: number;
  readonly result: 'valid' | 'invalid';
}
interface EcdsaVectors {
  readonly testGroups: readonly {
    readonly publicKeyPem: string;
    readonly tests: readonly (Vector & { readonly msg: string; readonly sig: string })[];
  }[];
}
interface GcmVectors {
  readonly testGroups: readonly {
    readonly keySize: number;
    readonly tagSize: number;
    readonly tests: readonly (Vector & {
      readonly key: string;
      readonly iv: string;
      readonly aad: string;
      readonly ct: string;
      readonly tag: string;
      readonly msg: string;
    })[];
  }[];
}

type Verifier = (spki: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;
const VERIFIERS: readonly (readonly [string, Verifier])[] = [
  ['node', (spki, message, signature) => nodeP256.holdsRaw(nodeP256.importSpki(spki), message, signature)],
  ['web', (spki, message, signature) => webP256.holdsRaw(webP256.importSpki(spki), message, signature)],
];

describe.each(VERIFIERS)('%s', (_name, holds) => {
  it('verifies ECDSA P-256 as Wycheproof does', async () => {
    const { testGroups } = await loadVectors<EcdsaVectors>('wycheproof/ecdsa_secp256r1_sha256_p1363_test.json');
    const wrong: number[] = [];
    let count = 0;
    for (const { publicKeyPem, tests } of testGroups) {
      const spki = new Uint8Array(createPublicKey(publicKeyPem).export({ type: 'spki', format: 'der' }));
      for (const { tcId, msg, sig, result } of tests) {
        count += 1;
        if ((await holds(spki, fromHex(msg), fromHex(sig))) !== (result === 'valid')) wrong.push(tcId);
      }
    }
    expect({ count, wrong }).toEqual({ count: 262, wrong: [] });
  });
});

describe.each([
  ['node', nodeAes],
  ['web', webAes],
] as const)('%s', (_name, { openGcm, sealGcm }) => {
  it('encrypts with AES-256-GCM as Wycheproof does', async () => {
    const { testGroups } = await loadVectors<GcmVectors>('wycheproof/aes_gcm_test.json');
    const groups = testGroups.filter(({ keySize, tagSize }) => keySize === 256 && tagSize === 128);
    // Other nonces are a mistake of the caller, who is told so above the doors.
    const tests = groups.flatMap((group) => group.tests).filter(({ iv }) => iv.length >= 24 && iv.length <= 32);
    expect(tests.length).toBeGreaterThan(60);
    for (const { key, iv, aad, ct, tag, msg, result } of tests) {
      const sealed = { tag: fromHex(tag), ciphertext: fromHex(ct) };
      const open = () => openGcm(fromHex(key), fromHex(iv), sealed, fromHex(aad));
      if (result === 'invalid') expect(open).toThrow();
      else {
        expect(open()).toEqual(fromHex(msg));
        const again = sealGcm(fromHex(key), fromHex(iv), fromHex(msg), fromHex(aad));
        expect([new Uint8Array(again.tag), again.ciphertext]).toEqual([sealed.tag, sealed.ciphertext]);
      }
    }
  });
});
