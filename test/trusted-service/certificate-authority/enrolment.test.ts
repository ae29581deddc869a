import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateP256 } from '../../../shared/crypto/ecdsa.ts';
import { generateSealingKey } from '../../../shared/crypto/ecies.ts';
import { parseCertificate, verifyCertificate } from '../../../shared/pki/verify-certificate.ts';
import { buildCertificationRequest } from '../../../shared/pki/x509-builder.ts';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import { HouseId } from '../../../shared/wire/vocabulary.ts';
import { refusalOf } from '../../support/refusal.ts';
import { openssl, withFiles } from '../../support/run-openssl.ts';
import { TestParticipant } from '../test-participant.ts';
import { AS_OPERATOR, TestService } from '../test-service.ts';

const HOUSE = HouseId.parse('c0a8f1de-4a8b-4c51-9d0f-6c1d7b0a2e11');
const DAY_MS = 24 * 3_600_000;

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.stop());

describe('/api/sign-csr for participants', () => {
  it('certifies the key, the agreement key, and nothing about the person', async () => {
    const jane = new TestParticipant(service);
    const answer = await jane.enrol('jane', 'jane@example.org');
    const certificate = parseCertificate(answer.certificate);
    const issuer = parseCertificate(answer.chain[0]!);
    const at = service.machine.time;
    const verified = verifyCertificate(certificate, 'participant', { root: service.root, issuer, at });
    expect(verified.subject).toBe(jane.signer.kid);
    expect(answer.subject).toBe(jane.signer.kid);
    expect(verified.agreementKey).toEqual(jane.agreement.publicKey);
    expect(Buffer.from(certificate.der).toString('latin1')).not.toMatch(/jane/i);
    expect(certificate.notAfter - at).toBeLessThanOrEqual(DAY_MS);
    expect(certificate.serialHex.length).toBe(32);
  });

  it('answers 201, not to be kept', async () => {
    const { headers, status } = await service.post(PATHS.signCsr, {
      csr: await new TestParticipant(service).csr(),
      username: 'created',
    });
    expect(status).toBe(201);
    expect(headers['cache-control']).toBe('no-store');
  });

  it('issues what openssl verifies', async () => {
    const { certificate, chain } = await new TestParticipant(service).enrol('openssl');
    const files = { root: service.root.pem, issuer: chain[0]!, leaf: certificate };
    const output = await withFiles(files, ({ root, issuer, leaf }) =>
      openssl(
        'verify',
        '-x509_strict',
        '-attime',
        String(service.machine.time / 1_000),
        ...['-purpose', 'sslclient', '-CAfile', root, '-untrusted', issuer, leaf],
      ),
    );
    expect(output).toMatch(/: OK\n$/);
  });

  it('takes a request that openssl made, as far as it goes', async () => {
    const csr = await withFiles({}, async (_paths, folder) => {
      const key = `${folder}/key.pem`;
      await openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key);
      return openssl('req', '-new', '-key', key, '-subj', '/CN=Somebody Else');
    });
    // The key and the proof are good; it asks for no agreement key.
    const answer = await service.post(PATHS.signCsr, { csr, username: 'foreign' });
    expect(answer.code).toBe('csr-invalid');
    expect(answer.text).toContain('agreement key');
  });

  it('renews under the same name, in any spelling, also after the certificate has expired', async () => {
    const eve = await TestParticipant.enrolled(service, 'Renewer');
    const first = eve.serial;
    eve.agreement = generateSealingKey();
    await eve.enrol('rENEWER');
    expect(eve.serial).not.toBe(first);
    expect(parseCertificate(eve.certificate).agreementKey).toEqual(eve.agreement.publicKey);
    service.machine.time += 3 * DAY_MS;
    await eve.enrol('Renewer');
    expect(parseCertificate(eve.certificate).notAfter).toBeGreaterThan(service.machine.time);
  });

  it('refuses a taken name in every spelling, and another name for the same key', async () => {
    const first = await TestParticipant.enrolled(service, 'Straße');
    const second = new TestParticipant(service);
    expect(await refusalOf(second.enrol('Straße'))).toBe('username-taken');
    expect(await refusalOf(second.enrol('strasse'))).toBe('username-taken');
    expect(await refusalOf(first.enrol('allee'))).toBe('subject-has-other-username');
    await second.enrol('allee');
  });

  it('gives a name to one of two who ask at once', async () => {
    const asking = ['Twin', 'twin', 'TWIN'].map((name) => refusalOf(new TestParticipant(service).enrol(name)));
    const codes = await Promise.all(asking);
    expect(codes.filter((code) => code === undefined)).toHaveLength(1);
    expect(codes.filter((code) => code === 'username-taken')).toHaveLength(2);
  });

  it('refuses a request whose signature is by another key', async () => {
    const [own, other] = [generateP256(), generateP256()];
    const csr = await buildCertificationRequest(
      { privateKey: other.privateKey, publicKey: own.publicKey },
      generateSealingKey().publicKey,
    );
    expect(await refusalOf(service.client.signCsr({ csr, username: 'thief' }))).toBe('csr-invalid');
  });

  it.each([
    ['an escape sequence', 'jane\u001b[2J'],
    ['a line break', 'jane\nbob'],
    ['a bidi override', 'jane\u202e'],
  ])('refuses a contact with %s', async (_what, contact) => {
    expect(await refusalOf(new TestParticipant(service).enrol('contacted', contact))).toBe('malformed');
  });

  it('issues nothing at a time outside the root, and keeps no name for it', async () => {
    const late = new TestParticipant(service);
    await service.client.setTime(service.machine.time + 4_000 * DAY_MS);
    expect(await refusalOf(late.enrol('late'))).toBe('clock-out-of-certificates');
    await service.client.resetTime();
    await TestParticipant.enrolled(service, 'late');
  });
});

describe('/api/sign-csr for DMS nodes', () => {
  const nodeCsr = () => buildCertificationRequest(generateP256());

  it('certifies hosts and house for the operator, on both clocks', async () => {
    await service.client.setTime(service.machine.time + 20 * DAY_MS);
    const answer = await service.client.signCsr({ csr: await nodeCsr(), hosts: ['localhost', '::1'], house: HOUSE });
    const certificate = parseCertificate(answer.certificate);
    expect(certificate.house).toBe(HOUSE);
    expect(certificate.hosts).toEqual(['localhost', '::1']);
    const issuer = parseCertificate(answer.chain[0]!);
    for (const at of [service.machine.time, service.machine.time + 26 * DAY_MS]) {
      verifyCertificate(certificate, 'dms-node', { root: service.root, issuer, at });
    }
    await service.client.resetTime();
  });

  it.each([
    ['no token', undefined],
    ['another token', 'not-the-operators-token'],
    ['a longer token', `${AS_OPERATOR.authorization.slice(7)}x`],
  ])('refuses %s', async (_what, token) => {
    const stranger = service.connect(token);
    const request = { csr: await nodeCsr(), hosts: ['localhost'], house: HOUSE };
    expect(await refusalOf(stranger.signCsr(request))).toBe('operator-token-required');
    await stranger.close();
  });

  it('refuses hosts that are none', async () => {
    for (const host of ['*.example.org', 'exa mple', 'a..b', '1.2.3']) {
      const request = { csr: await nodeCsr(), hosts: [host], house: HOUSE };
      expect(await refusalOf(service.client.signCsr(request)), host).toBe('malformed');
    }
  });

  it('keeps one key to one purpose', async () => {
    const participant = await TestParticipant.enrolled(service, 'purpose');
    const csr = await buildCertificationRequest(participant.keys);
    const asNode = service.client.signCsr({ csr, hosts: ['localhost'], house: HOUSE });
    expect(await refusalOf(asNode)).toBe('csr-invalid');
    const node = new TestParticipant(service);
    await service.client.signCsr({ csr: await node.csr(), hosts: ['localhost'], house: HOUSE });
    expect(await refusalOf(node.enrol('also'))).toBe('csr-invalid');
  });
});
