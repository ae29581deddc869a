import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyRevocationList } from '../../../shared/pki/revocation-list.ts';
import { parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import { refusalOf } from '../../support/refusal.ts';
import { openssl, withFiles } from '../../support/run-openssl.ts';
import { TestParticipant } from '../test-participant.ts';
import { AS_OPERATOR, TestService } from '../test-service.ts';

const HOUR_MS = 3_600_000;
const reason = 'keyCompromise';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.stop());

async function issuerOf(participant: TestParticipant) {
  const { chain } = await participant.enrol('crl-reader');
  return parseCertificate(chain[0]!);
}

async function fetchList() {
  const answer = await service.client.revocationList();
  if (answer === 'unchanged') throw new Error('asked without a tag');
  return answer;
}

describe('/crl', () => {
  it('is DER of now with a life of an hour, and 304 for who has it', async () => {
    const issuer = await issuerOf(new TestParticipant(service));
    const { der, etag } = await fetchList();
    const list = verifyRevocationList(der, issuer, service.machine.time);
    expect(list.nextUpdate - service.machine.time).toBeLessThanOrEqual(HOUR_MS);
    expect(list.nextUpdate - service.machine.time).toBeGreaterThan(HOUR_MS / 2);
    expect(await service.client.revocationList(etag)).toBe('unchanged');
    const { headers } = await service.raw(PATHS.crl);
    expect(headers['content-type']).toBe('application/pkix-crl');
    expect(headers['cache-control']).toBe('no-cache');
    expect((await service.raw(PATHS.crl, { headers: { 'if-none-match': etag! } })).status).toBe(304);
    expect((await service.raw(PATHS.crl, { headers: { 'if-none-match': '"another"' } })).status).toBe(200);
  });

  it('is replaced in good time, and when the clock moves, with a greater number', async () => {
    const issuer = parseCertificate((await new TestParticipant(service).enrol('scheduled')).chain[0]!);
    const first = await fetchList();
    service.machine.time += 10 * 60_000;
    expect((await fetchList()).etag).toBe(first.etag);
    service.machine.time += 10 * 60_000;
    const second = await fetchList();
    expect(second.etag).not.toBe(first.etag);
    const numberOf = ({ der }: { der: Uint8Array }) => verifyRevocationList(der, issuer, service.machine.time).number;
    expect(numberOf(second)).toBe(numberOf(first) + 1);
    await service.client.setTime(service.machine.time + 5 * 24 * HOUR_MS);
    const third = await fetchList();
    verifyRevocationList(third.der, issuer, service.machine.time + 5 * 24 * HOUR_MS);
    await service.client.resetTime();
    verifyRevocationList((await fetchList()).der, issuer, service.machine.time);
    await service.restart();
    const list = verifyRevocationList((await fetchList()).der, issuer, service.machine.time);
    expect(list.number).toBeGreaterThan(numberOf(second));
  });
});

describe('/api/revoke', () => {
  it('takes back every certificate of the key at once, by the owner', async () => {
    const mallory = await TestParticipant.enrolled(service, 'mallory');
    const first = mallory.serial;
    const { chain } = await mallory.enrol('mallory');
    const before = await fetchList();
    const request = { serial: mallory.serial, reason, proof: await mallory.revocationProof() } as const;
    const stranger = service.connect();
    const { revokedAt } = await stranger.revoke(request);
    await stranger.close();
    expect(revokedAt).toBe(service.machine.time);
    const after = await fetchList();
    expect(after.etag).not.toBe(before.etag);
    const list = verifyRevocationList(after.der, parseCertificate(chain[0]!), service.machine.time);
    expect(list.revoked.get(first)).toEqual({ revokedAt, reason });
    expect(list.revoked.get(mallory.serial)).toEqual({ revokedAt, reason });
    expect(await refusalOf(mallory.enrol('mallory'))).toBe('key-revoked');
    expect(await refusalOf(mallory.enrol('another-name'))).toBe('key-revoked');
    expect(
      await refusalOf(service.client.issue({ certificate: mallory.certificate, proof: await mallory.proof() })),
    ).toBe('certificate-revoked');
  });

  it('is the operator’s too, and the same again changes nothing', async () => {
    const { serial } = await TestParticipant.enrolled(service, 'withdrawn');
    const { revokedAt } = await service.client.revoke({ serial, reason });
    service.machine.time += 5_000;
    expect(await service.client.revoke({ serial, reason: 'superseded' })).toEqual({ revokedAt });
  });

  it('is seen by openssl', async () => {
    const victim = new TestParticipant(service);
    const { certificate, chain } = await victim.enrol('seen');
    const check = async () => {
      const files = { root: service.root.pem, issuer: chain[0]!, leaf: certificate, list: (await fetchList()).der };
      return withFiles(files, async ({ root, issuer, leaf, list }) => {
        const crl = `${list}.pem`;
        await openssl('crl', '-inform', 'DER', '-in', list, '-out', crl);
        const time = ['-attime', String(service.machine.time / 1_000)];
        return openssl('verify', ...time, '-crl_check', '-CRLfile', crl, '-CAfile', root, '-untrusted', issuer, leaf);
      });
    };
    expect(await check()).toMatch(/: OK\n$/);
    await service.client.revoke({ serial: victim.serial, reason });
    await expect(check()).rejects.toThrow(/certificate revoked/);
  });

  it('gives the reasons of RFC 5280 that fit a key that is out for ever, by their names, and takes no other', async () => {
    const names = {
      unspecified: undefined,
      keyCompromise: 'Key Compromise',
      affiliationChanged: 'Affiliation Changed',
      superseded: 'Superseded',
      cessationOfOperation: 'Cessation Of Operation',
    } as const;
    const said: [string, string | undefined][] = [];
    for (const [given, name] of Object.entries(names)) {
      const { serial } = await TestParticipant.enrolled(service, `why-${given.toLowerCase()}`);
      await service.client.revoke({ serial, reason: given as keyof typeof names });
      said.push([serial.toUpperCase(), name]);
    }
    await withFiles({ list: (await fetchList()).der }, async ({ list }) => {
      const text = await openssl('crl', '-inform', 'DER', '-in', list, '-noout', '-text');
      const entries = new Map(text.split('Serial Number: ').map((entry) => [entry.split('\n', 1)[0], entry]));
      for (const [serial, name] of said) {
        expect(entries.get(serial)?.match(/CRL Reason Code: \n\s+(.+)/)?.[1]).toBe(name);
      }
    });
    const { serial } = await TestParticipant.enrolled(service, 'why-not');
    for (const other of ['cACompromise', 'certificateHold', 'removeFromCRL', 'privilegeWithdrawn', 'aACompromise', 1]) {
      expect((await service.post(PATHS.revoke, { serial, reason: other }, AS_OPERATOR)).code).toBe('malformed');
    }
  });

  it('drops entries from the list after the certificate has ended', async () => {
    const gone = new TestParticipant(service);
    const { chain } = await gone.enrol('gone');
    await service.client.revoke({ serial: gone.serial, reason });
    const revokedAt = async () => {
      const list = verifyRevocationList((await fetchList()).der, parseCertificate(chain[0]!), service.machine.time);
      return list.revoked.get(gone.serial);
    };
    service.machine.time += 24 * HOUR_MS + 1_000;
    expect(await revokedAt()).toBeDefined();
    service.machine.time += 2 * HOUR_MS;
    expect(await revokedAt()).toBeUndefined();
    expect(await refusalOf(gone.enrol('gone'))).toBe('key-revoked');
  });

  it('leaves no certificate out that was being issued meanwhile', async () => {
    const racer = new TestParticipant(service);
    const { chain } = await racer.enrol('racer');
    const { serial } = racer;
    const renewals = Promise.allSettled(Array.from({ length: 8 }, () => racer.enrol('racer')));
    await service.client.revoke({ serial, reason });
    const issued = (await renewals).filter((renewal) => renewal.status === 'fulfilled');
    const list = verifyRevocationList((await fetchList()).der, parseCertificate(chain[0]!), service.machine.time);
    for (const { value } of issued) {
      expect(list.isRevoked(parseCertificate(chain[0]!), parseCertificate(value.certificate).serialHex)).toBe(true);
    }
  });

  it('survives a restart', async () => {
    const lasting = await TestParticipant.enrolled(service, 'lasting');
    await service.client.revoke({ serial: lasting.serial, reason });
    await service.restart();
    expect(await refusalOf(lasting.enrol('lasting'))).toBe('key-revoked');
  });

  it('refuses everybody else', async () => {
    const [owner, other] = [
      await TestParticipant.enrolled(service, 'owner'),
      await TestParticipant.enrolled(service, 'other'),
    ];
    const { serial } = owner;
    const code = async (request: object, headers = {}) =>
      (await service.post(PATHS.revoke, { serial, reason, ...request }, headers)).code;
    expect(await code({})).toBe('operator-token-required');
    expect(await code({}, { authorization: 'Bearer wrong-wrong-wrong' })).toBe('operator-token-required');
    expect(await code({ proof: await owner.revocationProof() }, { authorization: 'Bearer wrong' })).toBe(
      'operator-token-required',
    );
    expect(await code({ proof: await other.revocationProof({ serial }) })).toBe('not-certificate-owner');
    expect(await code({ serial: '00ff', proof: await owner.revocationProof() })).toBe('not-certificate-owner');
    expect(await code({ serial: '00ff' }, AS_OPERATOR)).toBe('not-found');
    expect(await code({ proof: await owner.proof() })).toBe('proof-invalid');
    expect(await code({ proof: await owner.revocationProof({ serial: other.serial }) })).toBe('proof-invalid');
    expect(await code({ proof: await owner.revocationProof({ aud: 'sha256:00' }) })).toBe('proof-invalid');
    expect(await code({ proof: await owner.revocationProof({ iat: service.machine.time - 60_001 }) })).toBe(
      'proof-expired',
    );
    // It is still good.
    await service.client.issue({ certificate: owner.certificate, proof: await owner.proof() });
  });
});
