import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { generateP256, type P256KeyPair } from '../../../shared/crypto/ecdsa.ts';
import { createJwsSigner, type JwsType, signJws } from '../../../shared/crypto/jws.ts';
import { verifyAccessToken } from '../../../shared/pki/access-token.ts';
import { authorityName } from '../../../shared/pki/trust-anchors.ts';
import { refusalOf } from '../../support/refusal.ts';
import { createTestAuthority, type Issued, type TestAuthority } from '../../support/test-authority.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const NOW_S = NOW / 1_000;

let authority: TestAuthority;
let participant: Issued;
let signer: P256KeyPair;
let claims: Record<string, unknown>;

beforeAll(async () => {
  authority = await createTestAuthority(NOW);
  participant = await authority.issue('participant');
  signer = generateP256();
  claims = {
    iss: authorityName(authority.root.certificate),
    sub: participant.certificate.subject,
    aud: 'dms',
    iat: NOW_S,
    exp: NOW_S + 900,
    jti: randomUUID(),
    cnf: { 'x5t#S256': participant.certificate.x5tS256 },
  };
});

const sign = (changes: object = {}, typ: JwsType = 'at+jwt', key = signer) =>
  signJws(createJwsSigner(key), typ, { ...claims, ...changes });

function verify(token: string, at = NOW): Promise<unknown> {
  const { kid } = createJwsSigner(signer);
  return verifyAccessToken(token, {
    keys: new Map([[kid, signer.publicKey]]),
    authority: authorityName(authority.root.certificate),
    at,
    certificate: participant.certificate,
  });
}

describe('an access token', () => {
  it('is accepted for its certificate, with the claims that it holds', async () => {
    expect(await verify(await sign())).toEqual(claims);
  });

  it('ends on the millisecond', async () => {
    const token = await sign();
    const end = NOW + 900_000;
    expect(await refusalOf(verify(token, end - 1))).toBeUndefined();
    expect(await refusalOf(verify(token, end))).toBe('token-expired');
    expect(await refusalOf(verify(token, end + 1))).toBe('token-expired');
  });

  it('may be two seconds ahead of our clock', async () => {
    const token = await sign();
    expect(await refusalOf(verify(token, NOW - 2_000))).toBeUndefined();
    expect(await refusalOf(verify(token, NOW - 2_001))).toBe('token-invalid');
    expect(await refusalOf(verify(token, Number.NaN))).toBe('token-invalid');
  });

  const rows: readonly [what: string, code: string, changes: () => object][] = [
    ['a life of 15 min and 1 s', 'token-invalid', () => ({ exp: NOW_S + 901 })],
    ['an end before its beginning', 'token-invalid', () => ({ iat: NOW_S, exp: NOW_S - 1 })],
    ['another authority', 'token-invalid', () => ({ iss: `sha256:${'0'.repeat(64)}` })],
    ['another audience', 'token-invalid', () => ({ aud: 'trusted-service' })],
    ['an audience that names others too', 'token-invalid', () => ({ aud: ['dms', 'other'] })],
    ['an audience in a list', 'token-invalid', () => ({ aud: ['dms'] })],
    ['a fractional end', 'token-invalid', () => ({ exp: NOW_S + 0.5 })],
    ['an end in words', 'token-invalid', () => ({ exp: String(NOW_S + 60) })],
    ['no end', 'token-invalid', () => ({ exp: undefined })],
    ['no beginning', 'token-invalid', () => ({ iat: undefined })],
    ['a negative beginning', 'token-invalid', () => ({ iat: -1 })],
    ['a claim that we do not know', 'token-invalid', () => ({ nbf: NOW_S })],
    ['no binding', 'token-invalid', () => ({ cnf: undefined })],
    ['a binding by key', 'token-invalid', () => ({ cnf: { jkt: participant.certificate.subject } })],
    [
      'a binding to two things',
      'token-invalid',
      () => ({ cnf: { 'x5t#S256': participant.certificate.x5tS256, jkt: 'x' } }),
    ],
    [
      "another certificate's binding",
      'token-not-for-certificate',
      () => ({ cnf: { 'x5t#S256': participant.certificate.subject } }),
    ],
    ['another subject', 'token-not-for-certificate', () => ({ sub: participant.certificate.x5tS256 })],
  ];
  it.each(rows)('with %s: %s', async (_, code, changes) => {
    expect(await refusalOf(verify(await sign(changes())))).toBe(code);
  });

  it('of another type, key or form is none', async () => {
    const token = await sign();
    expect(await refusalOf(verify(await sign({}, 'proof+jwt')))).toBe('token-invalid');
    expect(await refusalOf(verify(await sign({}, 'at+jwt', generateP256())))).toBe('token-invalid');
    expect(await refusalOf(verify(`${token.slice(0, -2)}AA`))).toBe('token-invalid');
    expect(await refusalOf(verify(`${token}=`))).toBe('token-invalid');
    expect(await refusalOf(verify(''))).toBe('token-invalid');
    expect(await refusalOf(verify('a'.repeat(100_000)))).toBe('token-invalid');
  });

  it("under another key's name is none", async () => {
    const { kid } = createJwsSigner(signer);
    const thief = createJwsSigner(generateP256());
    const token = await signJws({ kid, sign: thief.sign }, 'at+jwt', claims);
    expect(await refusalOf(verify(token))).toBe('token-invalid');
  });
});
