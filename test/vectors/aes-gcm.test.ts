import { expect, it } from 'vitest';
import { openAesGcm, sealAesGcm } from '../../shared/crypto/aes-gcm.ts';
import { fromHex, loadVectors, runSuite } from './run-suite.ts';

interface GcmVectors {
  readonly testGroups: readonly {
    readonly keySize: number;
    readonly tagSize: number;
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly key: string;
      readonly iv: string;
      readonly aad: string;
      readonly msg: string;
      readonly ct: string;
      readonly tag: string;
      readonly result: 'valid' | 'invalid';
    }[];
  }[];
}

it('opens AES-256-GCM as Wycheproof does', async () => {
  const { testGroups } = await loadVectors<GcmVectors>('wycheproof/aes_gcm_test.json');
  const all = testGroups.flatMap((group) => group.tests.map((test) => ({ ...group, ...test })));
  const ours = all.filter(({ keySize, tagSize }) => keySize === 256 && tagSize === 128);
  expect(ours).toHaveLength(105);

  const cases = ours.map((test) => ({
    id: test.tcId,
    comment: test.comment,
    valid: test.result === 'valid',
    check: () => {
      const [key, nonce, aad] = [fromHex(test.key), fromHex(test.iv), fromHex(test.aad)];
      const sealed = { tag: fromHex(test.tag), ciphertext: fromHex(test.ct) };
      const plaintext = openAesGcm(key, nonce, sealed, aad);
      expect(Buffer.from(plaintext).toString('hex')).toBe(test.msg);
      const again = sealAesGcm(key, nonce, plaintext, aad);
      expect(Buffer.from(again.ciphertext).toString('hex')).toBe(test.ct);
      expect(Buffer.from(again.tag).toString('hex')).toBe(test.tag);
    },
  }));
  await runSuite('aes-gcm', cases, all.length - ours.length);
});
