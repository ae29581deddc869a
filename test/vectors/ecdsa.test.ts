import { createPublicKey } from 'node:crypto';
import { expect, it } from 'vitest';
import { verifyP256 } from '../../shared/crypto/ecdsa.ts';
import { fromHex, loadVectors, runSuite } from './run-suite.ts';

interface EcdsaVectors {
  readonly testGroups: readonly {
    readonly publicKeyPem: string;
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly msg: string;
      readonly sig: string;
      readonly result: 'valid' | 'invalid';
    }[];
  }[];
}

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

it('verifies ECDSA P-256 with SHA-256, P1363, as Wycheproof does', async () => {
  const { testGroups } = await loadVectors<EcdsaVectors>('wycheproof/ecdsa_secp256r1_sha256_p1363_test.json');
  const cases = testGroups.flatMap(({ publicKeyPem, tests }) => {
    const key = createPublicKey(publicKeyPem);
    return tests.map(({ tcId, comment, msg, sig, result }) => ({
      id: tcId,
      comment,
      valid: result === 'valid',
      check: () => verifyP256(key, fromHex(msg), fromHex(sig)),
      twin: () => verifyP256(key, fromHex(msg), withOtherS(fromHex(sig))),
    }));
  });
  expect(cases).toHaveLength(262);

  const { explained } = await runSuite('ecdsa', cases);

  // They are refused for the high s and for nothing else: with the low one each of them verifies.
  for (const { id, twin } of cases) {
    if (explained.includes(id)) await twin();
  }
});

function withOtherS(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`);
  const other = new Uint8Array(signature);
  other.set(fromHex((ORDER - s).toString(16).padStart(64, '0')), 32);
  return other;
}
