import { beforeAll, describe, expect, it } from 'vitest';
import { authorityName, verifyKeySet } from '../../../shared/pki/trust-anchors.ts';
import type { Certificate } from '../../../shared/pki/verify-certificate.ts';
import type { KeySet } from '../../../shared/wire/http-endpoints.ts';
import { codeThrownBy } from '../../support/refusal.ts';
import { createTestAuthority, type Issued, type TestAuthority } from '../../support/test-authority.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const HOUR_MS = 3_600_000;
type Key = KeySet['keys'][number];

let authority: TestAuthority;
let token: Issued;
let timestamp: Issued;

beforeAll(async () => {
  authority = await createTestAuthority(NOW);
  [token, timestamp] = [await authority.issue('token-signer'), await authority.issue('timestamp-signer')];
});

const base64 = ({ der }: Certificate) => Buffer.from(der).toString('base64');

/** A signer's key, as it is published. */
function published({ certificate }: Issued, changes: Partial<Key> = {}): Key {
  const { x, y } = certificate.publicKey.export({ format: 'jwk' });
  const chain = [base64(certificate), base64(authority.issuer.certificate)];
  const fixed = { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' } as const;
  return { ...fixed, x: x!, y: y!, kid: certificate.subject, x5c: chain, ...changes };
}

const verify = (keys: Key[], at = NOW) => verifyKeySet({ keys }, authority.root.certificate, at);
const verdict = (...keys: Key[]) => codeThrownBy(() => verify(keys));

it("an authority's name is the root's fingerprint", () => {
  expect(authorityName(authority.root.certificate)).toBe(`sha256:${authority.root.certificate.sha256}`);
});

describe('a key set', () => {
  it('gives each key for what its certificate says', () => {
    const keys = verify([published(token), published(timestamp)]);
    expect([...keys.token.keys()]).toEqual([token.certificate.subject]);
    expect([...keys.timestamp.keys()]).toEqual([timestamp.certificate.subject]);
    expect(keys.token.get(token.certificate.subject)?.equals(token.keys.publicKey)).toBe(true);
    expect(keys.issuers.map(({ sha256 }) => sha256)).toEqual([authority.issuer.certificate.sha256]);
  });

  it('may hold the keys of yesterday and tomorrow, which are left out', async () => {
    const [old, next] = [
      await authority.issue('token-signer', { notBefore: NOW - 2 * HOUR_MS, notAfter: NOW - HOUR_MS }),
      await authority.issue('timestamp-signer', { notBefore: NOW + HOUR_MS, notAfter: NOW + 2 * HOUR_MS }),
    ];
    const keys = verify([published(old), published(token), published(timestamp), published(next)]);
    expect([...keys.token.keys()]).toEqual([token.certificate.subject]);
    expect([...keys.timestamp.keys()]).toEqual([timestamp.certificate.subject]);
    expect(verdict(published(old), published(next))).toBe('key-set-invalid');
    expect([...verify([published(old), published(next)], NOW + HOUR_MS).timestamp.keys()]).toHaveLength(1);
  });

  it('is invalid with a certificate of any other profile', async () => {
    for (const profile of ['participant', 'dms-node', 'trusted-service-tls'] as const) {
      expect([profile, verdict(published(token), published(await authority.issue(profile)))]).toEqual([
        profile,
        'key-set-invalid',
      ]);
    }
    const { certificate } = authority.issuer;
    const ca = published(authority.issuer, { x5c: [base64(certificate), base64(authority.root.certificate)] });
    expect(verdict(published(token), ca)).toBe('key-set-invalid');
  });

  it('is invalid under another root, also where the key is of another day', async () => {
    const stranger = await createTestAuthority(NOW);
    const old = await stranger.issue('token-signer', { notAfter: NOW - 1_000 });
    for (const theirs of [await stranger.issue('token-signer'), old]) {
      const chain = [base64(theirs.certificate), base64(stranger.issuer.certificate)];
      expect(verdict(published(token), published(theirs, { x5c: chain }))).toBe('key-set-invalid');
      expect(verdict(published(token), published(theirs))).toBe('key-set-invalid');
    }
  });

  const rows: readonly [what: string, changes: () => Partial<Key>][] = [
    ['the name of no key', () => ({ kid: 'A'.repeat(43) })],
    ["another key's x", () => ({ x: published(timestamp).x })],
    ["another key's y", () => ({ y: published(timestamp).y })],
    ["another key's certificate", () => ({ x5c: published(timestamp).x5c })],
    ['no issuing CA', () => ({ x5c: published(token).x5c.slice(0, 1) })],
    [
      'the root in place of the issuing CA',
      () => ({ x5c: [base64(token.certificate), base64(authority.root.certificate)] }),
    ],
    ['a chain in the wrong order', () => ({ x5c: published(token).x5c.toReversed() })],
    [
      'a certificate in base64url',
      () => ({ x5c: published(token).x5c.map((text) => text.replaceAll(/\+/g, '-').replaceAll('=', '')) }),
    ],
    ['a certificate that is none', () => ({ x5c: ['AAAA', 'AAAA'] })],
  ];
  it.each(rows)('is invalid with %s', (_, changes) => {
    expect(verdict(published(timestamp), published(token, changes()))).toBe('key-set-invalid');
  });

  it('is invalid with a key twice', () => {
    expect(verdict(published(token), published(token))).toBe('key-set-invalid');
  });
});
