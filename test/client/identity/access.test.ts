import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TrustedServiceApi, type TrustedServiceCalls } from '../../../client/connection/trusted-service-api.ts';
import { Access } from '../../../client/identity/access.ts';
import { enrol } from '../../../client/identity/enrol.ts';
import { KeyStore } from '../../../client/identity/key-store.ts';
import { verifyJws } from '../../../shared/crypto/jws.ts';
import { ProtocolError, type RefusalCode } from '../../../shared/errors.ts';
import { openCertificationRequest } from '../../../shared/pki/certification-request.ts';
import { parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import { IssueProof } from '../../../shared/wire/http-endpoints.ts';
import type { Instant } from '../../../shared/wire/vocabulary.ts';
import { createTestService, type TestService } from '../../support/house.ts';
import { refusalOf } from '../../support/refusal.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const TOKEN_LIFE_MS = 15 * MINUTE_MS;

let folder: string;
let service: TestService;
let store: KeyStore;
let access: Access;
/** What the Trusted Service was asked for. */
let asked: string[];
/** Refusals that the next calls of `issue` are answered with. */
let refusals: RefusalCode[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gavel-access-'));
  service = await createTestService();
  [asked, refusals] = [[], []];
  store = await KeyStore.open(folder);
  const calls: TrustedServiceCalls = {
    time: (nonce) => service.time(nonce),
    timestamp: (imprint) => service.stamp(imprint),
    keySet: () => service.keySet(),
    revocationList: (etag) => service.revocationList(etag),
    keyArchive: async () => ({ certificates: [] }),
    close: async () => undefined,
    signCsr: async ({ csr }) => {
      asked.push('certificate');
      const { publicKey, agreementKey } = openCertificationRequest(csr);
      const span = { notBefore: service.now() - 1_000, notAfter: service.now() + 24 * HOUR_MS };
      const { certificate } = await service.authority.issue('participant', { publicKey, agreementKey, ...span });
      return {
        certificate: certificate.pem,
        chain: [service.authority.issuer.certificate.pem],
        subject: certificate.subject,
      };
    },
    issue: async ({ certificate: pem, proof }) => {
      const certificate = parseCertificate(pem);
      const claims = await verifyJws(proof, { typ: 'proof+jwt', key: certificate.publicKey, schema: IssueProof });
      expect(claims).toMatchObject({ aud: service.name, iat: service.now() });
      asked.push('token');
      const code = refusals.shift();
      if (code !== undefined) throw new ProtocolError(code);
      return { token: await service.accessToken(certificate), expiresAt: (service.now() + TOKEN_LIFE_MS) as Instant };
    },
  };
  const api = new TrustedServiceApi(calls, service.authority.root.certificate, service.clock);
  await api.syncTime();
  await enrol(api, store, { username: 'ann' });
  asked = [];
  access = new Access(api, store, () => crypto.randomUUID());
});
afterEach(() => rm(folder, { recursive: true }));

const pass = (ms: number) => service.clock.advance(ms);

describe('access', () => {
  it('is the certificate of the home, its issuer, and a token that is kept', async () => {
    const auth = await access.fresh();
    expect(auth.certificate).toBe(store.identity?.credentials?.certificate);
    expect(auth.chain).toEqual([service.authority.issuer.certificate.pem]);
    expect(await access.fresh()).toEqual(auth);
    expect(asked).toEqual(['token']);
    expect(access.isDue).toBe(false);
  });

  it('takes a new token when a quarter of its life is left', async () => {
    await access.fresh();
    pass(TOKEN_LIFE_MS * (3 / 4) - 1);
    expect(access.isDue).toBe(false);
    pass(2);
    expect(access.isDue).toBe(true);
    await access.fresh();
    expect(asked).toEqual(['token', 'token']);
  });

  it('takes a new certificate, and a token for it, when a quarter of its life is left', async () => {
    const before = await access.fresh();
    pass(18 * HOUR_MS + 2_000);
    const after = await access.fresh();
    expect(asked).toEqual(['token', 'certificate', 'token']);
    expect(after.certificate).not.toBe(before.certificate);
    expect(after.certificate).toBe(store.identity?.credentials?.certificate);
  });

  it('takes both anew when the clock was set back to before they began', async () => {
    service.setTime(service.now() + 20 * MINUTE_MS);
    access.spoil(new ProtocolError('certificate-expired'));
    await access.fresh();
    asked = [];
    service.setTime(service.now() - 20 * MINUTE_MS);
    access.spoil(new ProtocolError('proof-expired'));
    await access.fresh();
    expect(asked).toEqual(['certificate', 'token']);
  });

  it.each<[RefusalCode, string[]]>([
    ['certificate-expired', ['certificate', 'token']],
    ['certificate-not-yet-valid', ['certificate', 'token']],
    ['token-expired', ['token']],
    ['token-invalid', ['token']],
    ['token-not-for-certificate', ['token']],
    ['dms-unreachable', []],
    ['certificate-revoked', []],
  ])('after %s gets %j anew, whatever our clock says, once', async (code, anew) => {
    await access.fresh();
    asked = [];
    access.spoil(new ProtocolError(code));
    await access.fresh();
    await access.fresh();
    expect(asked).toEqual(anew);
  });

  it('needs nobody while nothing is to be got anew', async () => {
    const auth = await access.fresh();
    service.trouble = new ProtocolError('trusted-service-unreachable');
    access.spoil(new ProtocolError('dms-unreachable'));
    expect(await access.fresh()).toEqual(auth);
  });

  it('looks at the time first after any of them', async () => {
    await access.fresh();
    service.setTime(service.now() + 3 * HOUR_MS);
    access.spoil(new ProtocolError('token-expired'));
    // The proof's own time is looked at by `issue` above.
    await access.fresh();
    expect(asked).toEqual(['token', 'token']);
  });

  it.each<[RefusalCode, string[]]>([
    ['certificate-expired', ['token', 'certificate', 'token']],
    ['proof-expired', ['token', 'token']],
  ])('refused by the Trusted Service with %s mends that and asks again', async (code, all) => {
    refusals = [code];
    await access.fresh();
    expect(asked).toEqual(all);
  });

  it('gives up what mending does not help', async () => {
    refusals = Array(9).fill('proof-expired');
    expect(await refusalOf(access.fresh())).toBe('proof-expired');
    expect(asked).toHaveLength(4);
    refusals = ['not-enrolled'];
    expect(await refusalOf(access.fresh())).toBe('not-enrolled');
    expect(asked).toHaveLength(5);
  });

  it('asks once for all who want it at the same moment', async () => {
    await Promise.all([access.fresh(), access.fresh(), access.fresh()]);
    expect(asked).toEqual(['token']);
  });
});
