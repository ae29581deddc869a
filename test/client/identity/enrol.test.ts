import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TrustedServiceApi, type TrustedServiceCalls } from '../../../client/connection/trusted-service-api.ts';
import { enrol, renew } from '../../../client/identity/enrol.ts';
import { KeyStore } from '../../../client/identity/key-store.ts';
import { generateP256 } from '../../../shared/crypto/ecdsa.ts';
import { generateAgreementKey } from '../../../shared/crypto/ecies-box.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import { openCertificationRequest } from '../../../shared/pki/certification-request.ts';
import { parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import type { CertificateOrder } from '../../../shared/pki/x509-builder.ts';
import type { SignCsrAnswer, SignCsrRequest } from '../../../shared/wire/http-endpoints.ts';
import { filesIn, filesWith } from '../../support/files-in.ts';
import { createTestService, type TestService } from '../../support/house.ts';
import { refusalOf } from '../../support/refusal.ts';
import { createTestAuthority } from '../../support/test-authority.ts';
import { complaintOfPromise } from '../complaint.ts';

let folder: string;
let service: TestService;
let requests: SignCsrRequest[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gavel-enrol-'));
  service = await createTestService();
  requests = [];
});
afterEach(() => rm(folder, { recursive: true }));

/** Signs what is asked for, with these changes; `answer` replaces the answer as a whole. */
async function apiThatSigns(
  changes: Partial<CertificateOrder> = {},
  answer: (signed: SignCsrAnswer) => SignCsrAnswer | Promise<SignCsrAnswer> = (signed) => signed,
): Promise<TrustedServiceApi> {
  const calls = {
    time: (nonce) => service.time(nonce),
    keySet: () => service.keySet(),
    signCsr: async (request) => {
      requests.push(request);
      const { publicKey, agreementKey } = openCertificationRequest(request.csr);
      const { certificate } = await service.authority.issue('participant', { publicKey, agreementKey, ...changes });
      const chain = [service.authority.issuer.certificate.pem];
      return answer({ certificate: certificate.pem, chain, subject: certificate.subject });
    },
    close: async () => undefined,
  } as Partial<TrustedServiceCalls> as TrustedServiceCalls;
  const api = new TrustedServiceApi(calls, service.authority.root.certificate, service.clock);
  await api.syncTime();
  return api;
}

const open = () => KeyStore.open(folder);

describe('enrolment', () => {
  it('asks for both keys under the name, and keeps what it got', async () => {
    const store = await open();
    const identity = await enrol(await apiThatSigns(), store, { username: 'ann', contact: 'ann@example.org' });
    expect(requests).toMatchObject([{ username: 'ann', contact: 'ann@example.org' }]);
    expect((await open()).identity).toEqual(identity);
    expect(parseCertificate(identity.credentials.certificate).agreementKey).toEqual(
      identity.agreementKeys[0]?.publicKey,
    );
  });

  it('is done once', async () => {
    const api = await apiThatSigns();
    const first = await enrol(api, await open(), { username: 'ann' });
    expect(await enrol(api, await open(), {})).toEqual(first);
    expect(await enrol(api, await open(), { username: 'ann', contact: 'new' })).toEqual(first);
    expect(requests).toHaveLength(1);
    expect(await complaintOfPromise(enrol(api, await open(), { username: 'bob' }))).toBe('home-of-other-user');
  });

  it('sends an invite until the key has a certificate, and never again', async () => {
    const person = { username: 'ann', invite: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE' };
    const sent = () => requests.map((request) => 'invite' in request && request.invite);
    const lost = await apiThatSigns({}, () => Promise.reject(new ProtocolError('invite-invalid')));
    expect(await refusalOf(enrol(lost, await open(), person))).toBe('invite-invalid');
    const api = await apiThatSigns();
    await enrol(api, await open(), person);
    expect(sent()).toEqual([person.invite, person.invite]);
    const store = await open();
    await enrol(api, store, person);
    await renew(api, store);
    expect(sent()).toEqual([person.invite, person.invite, false]);
    // Nor is it left lying about.
    expect(filesWith(filesIn(folder), person.invite)).toEqual([]);
  });

  it('without a name is not possible', async () => {
    expect(await complaintOfPromise(enrol(await apiThatSigns(), await open(), {}))).toBe('username-missing');
  });

  it('whose answer is lost is asked for again with the same key', async () => {
    const lost = await apiThatSigns({}, () => Promise.reject(new ProtocolError('trusted-service-unreachable')));
    expect(await refusalOf(enrol(lost, await open(), { username: 'ann' }))).toBe('trusted-service-unreachable');
    const pending = (await open()).identity;
    expect(pending?.credentials).toBeUndefined();
    const identity = await enrol(await apiThatSigns(), await open(), {});
    expect(identity.secretKey).toEqual(pending?.secretKey);
    expect(requests.map((request) => 'username' in request && request.username)).toEqual(['ann', 'ann']);
  });

  it('under another root than the home was begun with is refused', async () => {
    await enrol(await apiThatSigns(), await open(), { username: 'ann' });
    service = await createTestService();
    expect(await complaintOfPromise(enrol(await apiThatSigns(), await open(), {}))).toBe('home-of-other-root');
  });

  it.each<[string, () => Promise<TrustedServiceApi>, string]>([
    ['for another identity key', () => apiThatSigns({ publicKey: generateP256().publicKey }), 'certificate-untrusted'],
    [
      'for another agreement key',
      () => apiThatSigns({ agreementKey: generateAgreementKey().publicKey }),
      'certificate-untrusted',
    ],
    ['that is over', () => apiThatSigns({ notAfter: service.now() - 1_000 }), 'certificate-expired'],
    ['that has not begun', () => apiThatSigns({ notBefore: service.now() + 60_000 }), 'certificate-not-yet-valid'],
    [
      'that is none',
      () => apiThatSigns({}, (signed) => ({ ...signed, certificate: signed.chain[0]! })),
      'certificate-untrusted',
    ],
    [
      'under another root',
      () =>
        apiThatSigns({}, async (signed) => {
          const stranger = await createTestAuthority(service.now());
          return { ...signed, chain: [stranger.issuer.certificate.pem] };
        }),
      'certificate-untrusted',
    ],
    ['without its issuer', () => apiThatSigns({}, (signed) => ({ ...signed, chain: [] })), 'certificate-untrusted'],
  ])('with a certificate %s is not believed', async (_what, make, code) => {
    const store = await open();
    expect(await refusalOf(enrol(await make(), store, { username: 'ann' }))).toBe(code);
    expect((await open()).identity?.credentials).toBeUndefined();
  });
});

describe('renewal', () => {
  it('takes a new agreement key, keeps the former ones and the identity key', async () => {
    const api = await apiThatSigns();
    const store = await open();
    const first = await enrol(api, store, { username: 'ann' });
    const second = await renew(api, store);
    expect(second.secretKey).toEqual(first.secretKey);
    expect(second.agreementKeys.slice(1)).toEqual(first.agreementKeys);
    expect(parseCertificate(second.credentials.certificate).agreementKey).toEqual(second.agreementKeys[0]?.publicKey);
    expect((await open()).identity).toEqual(second);
  });

  it('has its key on disk before it is certified, and uses it the next time', async () => {
    const api = await apiThatSigns();
    const store = await open();
    await enrol(api, store, { username: 'ann' });
    const lost = await apiThatSigns({}, () => Promise.reject(new ProtocolError('trusted-service-unreachable')));
    expect(await refusalOf(renew(lost, store))).toBe('trusted-service-unreachable');
    const prepared = (await open()).identity;
    expect(prepared?.agreementKeys).toHaveLength(2);
    const renewed = await renew(api, store);
    expect(renewed.agreementKeys).toEqual(prepared?.agreementKeys);
  });
});
