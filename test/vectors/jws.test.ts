import { createPublicKey } from 'node:crypto';
import { expect, it } from 'vitest';
import { verifyCompactJws } from '../../shared/crypto/compact-jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { PublishedKey } from '../../shared/wire/http-endpoints.ts';
import { loadVectors, runSuite } from './run-suite.ts';

interface JwsKey {
  readonly kty: string;
  readonly crv?: string;
  readonly kid: string;
}

interface JwsVectors {
  readonly testGroups: readonly {
    readonly public?: JwsKey;
    readonly tests: readonly {
      readonly tcId: number;
      readonly comment: string;
      readonly jws: string | object;
      readonly result: 'valid' | 'invalid';
    }[];
  }[];
}

/** The form in which we take a key from a key set; the certificate beside it is not what these vectors are about. */
const Key = PublishedKey.omit({ x5c: true });

it('verifies JWS as Wycheproof does', async () => {
  const { testGroups } = await loadVectors<JwsVectors>('wycheproof/json_web_signature_test.json');
  const all = testGroups.flatMap((group) => group.tests.map((test) => ({ key: group.public, ...test })));
  const ours = all.filter(({ key }) => key?.kty === 'EC' && key.crv === 'P-256');
  expect(ours).toHaveLength(41);

  const cases = ours.map(({ tcId, comment, jws, result, key }) => ({
    id: tcId,
    comment,
    valid: result === 'valid',
    check: () => {
      const jwk = Key.safeParse(key);
      if (!jwk.success) throw new ProtocolError('key-set-invalid');
      const { kty, crv, x, y, kid } = jwk.data;
      // The header that we would write, less the `typ` that only our own have.
      const header = JSON.stringify({ alg: 'ES256', kid });
      return verifyCompactJws(String(jws), header, createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' }));
    },
  }));
  const { passed } = await runSuite('jws', cases, all.length - ours.length);
  expect(passed).toBeGreaterThan(30);
});
