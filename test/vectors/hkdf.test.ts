import { expect, it } from 'vitest';
import { hkdfSha256 } from '../../shared/crypto/hkdf.ts';
import { fromHex, loadVectors, runSuite } from './run-suite.ts';

interface HkdfVectors {
  readonly testGroups: readonly {
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly ikm: string;
      readonly salt: string;
      readonly info: string;
      readonly size: number;
      readonly okm: string;
      readonly result: 'valid' | 'invalid';
    }[];
  }[];
}

it('derives with HKDF-SHA256 as Wycheproof does', async () => {
  const { testGroups } = await loadVectors<HkdfVectors>('wycheproof/hkdf_sha256_test.json');
  const tests = testGroups.flatMap((group) => group.tests);
  expect(tests).toHaveLength(86);

  const cases = tests.map((test) => ({
    id: test.tcId,
    comment: test.comment,
    valid: test.result === 'valid',
    check: () => {
      const key = hkdfSha256(fromHex(test.ikm), test.size, { salt: fromHex(test.salt), info: fromHex(test.info) });
      expect(Buffer.from(key).toString('hex')).toBe(test.okm);
    },
  }));
  await runSuite('hkdf', cases);
});
