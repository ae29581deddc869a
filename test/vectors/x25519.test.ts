import { createPrivateKey } from 'node:crypto';
import { expect, it } from 'vitest';
import { agreeX25519 } from '../../shared/crypto/x25519.ts';
import { fromHex, loadVectors, runSuite } from './run-suite.ts';

interface X25519Vectors {
  readonly testGroups: readonly {
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly public: string;
      readonly private: string;
      readonly shared: string;
    }[];
  }[];
}

it('agrees on X25519 secrets as Wycheproof does', async () => {
  const { testGroups } = await loadVectors<X25519Vectors>('wycheproof/x25519_test.json');
  const tests = testGroups.flatMap((group) => group.tests);
  expect(tests).toHaveLength(518);

  const cases = tests.map((test) => ({
    id: test.tcId,
    comment: test.comment,
    // What Wycheproof leaves to the program ("acceptable") is decided here: RFC 7748 defines a result for every key, and
    // only the zero result, which says nothing about the private key, is refused.
    valid: /[^0]/.test(test.shared),
    check: async () => {
      const shared = await agreeX25519(privateKey(test.private), fromHex(test.public));
      expect(Buffer.from(shared).toString('hex')).toBe(test.shared);
    },
  }));
  expect(cases.filter(({ valid }) => !valid).length).toBeGreaterThan(0);
  await runSuite('x25519', cases);
});

/** RFC 8410, section 7: what stands before a raw private key in PKCS #8. */
function privateKey(raw: string) {
  const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), fromHex(raw)]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}
