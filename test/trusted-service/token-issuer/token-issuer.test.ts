import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAccessToken } from '../../../shared/pki/access-token.ts';
import { verifyKeySet } from '../../../shared/pki/trust-anchors.ts';
import { parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import { HouseId } from '../../../shared/wire/vocabulary.ts';
import { refusalOf } from '../../support/refusal.ts';
import { createTestAuthority } from '../../support/test-authority.ts';
import { certifiedNode, TestParticipant } from '../test-participant.ts';
import { TestService } from '../test-service.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let service: TestService;
let jane: TestParticipant;
beforeAll(async () => {
  service = await TestService.start();
  jane = await TestParticipant.enrolled(service, 'jane');
});
afterAll(() => service.stop());

const issue = async (changes: object = {}) =>
  service.client.issue({ certificate: jane.certificate, proof: await jane.proof(), ...changes });

describe('/api/issue', () => {
  it('gives a token for the DMS, bound to the certificate, for a quarter of an hour', async () => {
    const { token, expiresAt } = await issue();
    const { token: keys } = verifyKeySet(await service.client.keySet(), service.root, service.machine.time);
    const { authority, machine } = service;
    const certificate = parseCertificate(jane.certificate);
    const claims = await verifyAccessToken(token, { keys, authority, at: machine.time, certificate });
    expect(claims).toMatchObject({ iss: authority, sub: jane.signer.kid, aud: 'dms', exp: expiresAt / 1_000 });
    expect(expiresAt).toBe(machine.time + 15 * MINUTE_MS);
  });

  it('gives none that outlives its certificate, nor for one that has expired', async () => {
    const shortly = await TestParticipant.enrolled(service, 'shortly');
    const { notAfter } = parseCertificate(shortly.certificate);
    await service.client.setTime(notAfter - 5 * MINUTE_MS);
    const iat = notAfter - 5 * MINUTE_MS;
    const answer = await service.client.issue({
      certificate: shortly.certificate,
      proof: await shortly.proof({ iat }),
    });
    expect(answer.expiresAt).toBe(notAfter);
    await service.client.setTime(notAfter + 1_000);
    const proof = await shortly.proof({ iat: notAfter + 1_000 });
    expect(await refusalOf(service.client.issue({ certificate: shortly.certificate, proof }))).toBe(
      'certificate-expired',
    );
    await service.client.resetTime();
  });

  it('takes a proof once, and still after a restart', async () => {
    const proof = await jane.proof();
    await issue({ proof });
    expect(await refusalOf(issue({ proof }))).toBe('proof-replayed');
    await service.restart();
    expect(await refusalOf(issue({ proof }))).toBe('proof-replayed');
  });

  it('takes a proof once from two who send it at the same time', async () => {
    const proof = await jane.proof();
    const codes = await Promise.all([1, 2, 3].map(() => refusalOf(issue({ proof }))));
    expect(codes.toSorted()).toEqual(['proof-replayed', 'proof-replayed', undefined]);
  });

  it('forgets no proof that a clock set back makes young again', async () => {
    const before = service.machine.time;
    const proof = await jane.proof();
    await issue({ proof });
    await service.client.setTime(before + 48 * HOUR_MS);
    await service.restart();
    await service.client.setTime(before);
    expect(await refusalOf(issue({ proof }))).toBe('proof-replayed');
    await service.client.resetTime();
  });

  it.each([
    ['at the age of a minute', 60_000, undefined],
    ['a moment later', 60_001, 'proof-expired'],
    ['a little ahead', -5_000, undefined],
    ['far ahead', -5_001, 'proof-expired'],
  ])('judges a proof %s', async (_what, age, code) => {
    const proof = await jane.proof({ iat: service.machine.time - age });
    expect(await refusalOf(issue({ proof }))).toBe(code);
  });

  it.each<[string, () => Promise<string>]>([
    ['for another authority', () => jane.proof({ aud: `sha256:${'0'.repeat(64)}` })],
    ['for several', () => jane.proof({ aud: [service.authority] })],
    ['without an id', () => jane.proof({ jti: undefined })],
    ['with more claims', () => jane.proof({ admin: true })],
    ['with a fractional time', () => jane.proof({ iat: service.machine.time + 0.5 })],
    ['of another kind', () => jane.revocationProof()],
    ['by another key', () => new TestParticipant(service).proof()],
    ['with a broken signature', async () => flipLast(await jane.proof())],
    ['that is none', async () => 'a.b.c'],
    ['that is empty', async () => ''],
  ])('refuses a proof %s', async (_what, make) => {
    expect(await refusalOf(issue({ proof: await make() }))).toBe('proof-invalid');
  });

  it('refuses every certificate that is not a live one of a participant of its own', async () => {
    const foreign = await createTestAuthority(service.machine.time);
    const stranger = await foreign.issue('participant');
    const node = await certifiedNode(service, HouseId.parse(randomUUID()));
    const code = (certificate: string) => refusalOf(issue({ certificate }));
    expect(await code(stranger.certificate.pem)).toBe('certificate-untrusted');
    expect(await code(node.certificate)).toBe('certificate-untrusted');
    expect(await code(service.root.pem)).toBe('certificate-untrusted');
    expect(await code('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')).toBe('certificate-malformed');
    expect(await code(jane.certificate + jane.certificate)).toBe('certificate-malformed');
    await service.client.setTime(service.machine.time - 2 * MINUTE_MS);
    expect(await code(jane.certificate)).toBe('certificate-not-yet-valid');
    await service.client.resetTime();
  });

  it('is bound to whoever holds the key of the certificate that is shown', async () => {
    const thief = await TestParticipant.enrolled(service, 'thief');
    expect(await refusalOf(issue({ proof: await thief.proof() }))).toBe('proof-invalid');
  });
});

describe('the key set', () => {
  it('is the same under both names and verifies under the root', async () => {
    const [jwks, alias] = [await service.raw(PATHS.jwks), await service.raw(PATHS.jwksAlias)];
    expect(jwks.text).toBe(alias.text);
    expect(jwks.headers['content-type']).toMatch(/^application\/jwk-set\+json/);
    const keys = verifyKeySet(JSON.parse(jwks.text), service.root, service.machine.time);
    expect([keys.token.size, keys.timestamp.size, keys.issuers.length]).toEqual([1, 1, 1]);
  });

  it('stays valid wherever the simulated clock goes within the issuing CA’s life', async () => {
    for (const days of [20, 200, 363]) {
      await service.client.setTime(service.machine.time + days * 24 * HOUR_MS);
      const { time } = await service.client.clock();
      for (const at of [time, service.machine.time]) verifyKeySet(await service.client.keySet(), service.root, at);
    }
    await service.client.resetTime();
  });
});

describe('root.pem', () => {
  it('is the root', async () => {
    expect((await service.raw(PATHS.root)).text).toBe(service.root.pem);
  });
});

function flipLast(jws: string): string {
  const [header, claims, signature = ''] = jws.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  bytes[63]! ^= 1;
  return [header, claims, bytes.toString('base64url')].join('.');
}
