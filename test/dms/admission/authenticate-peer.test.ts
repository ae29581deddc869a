import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authenticatePeer, authenticateRenewal, lapseOf, type Peer } from '../../../dms/admission/authenticate-peer.ts';
import type { ConnectionAuth } from '../../../shared/wire/socket-events.ts';
import type { Instant } from '../../../shared/wire/vocabulary.ts';
import { createTestAdmission, type TestAdmission } from '../../support/admission.ts';
import { createTestService, type TestService, unreachable } from '../../support/house.ts';
import type { Participant } from '../../support/participant.ts';
import { refusalOf } from '../../support/refusal.ts';

const DAY_MS = 24 * 3_600_000;

let service: TestService;
let stranger: TestService;
let trust: TestAdmission;
let alice: Participant;
let bob: Participant;

beforeAll(async () => {
  stranger = await createTestService();
});

beforeEach(async () => {
  service = await createTestService();
  trust = await createTestAdmission(service);
  [alice, bob] = await Promise.all([service.participant(), service.participant()]);
});

const authenticate = (auth: unknown) => authenticatePeer(auth, trust);
/** Alice's `auth` with something else in it. */
const with_ = async (changes: Partial<Record<keyof ConnectionAuth, unknown>>) => ({
  ...(await alice.auth()),
  ...changes,
});
const seconds = (ms: number) => Math.floor(ms / 1_000);

describe('admission', () => {
  it('lets in whom the papers are of', async () => {
    const peer = await authenticate(await alice.auth());
    expect(peer.subject).toBe(alice.subject);
    expect(peer.certificate.serialHex).toBe(alice.certificate.serialHex);
  });

  it('keeps one issuing CA for all whom it certified, and of a certificate what a session needs', async () => {
    const [one, other] = [await authenticate(await alice.auth()), await authenticate(await bob.auth())];
    expect(one.issuer).toBe(other.issuer);
    expect(Object.keys(one.certificate).sort()).toEqual(['notAfter', 'notBefore', 'pem', 'publicKey', 'serialHex']);
  });

  const rows: [string, string, () => unknown][] = [
    ['nothing', 'malformed', () => undefined],
    ['a text', 'malformed', () => 'auth'],
    ['no token', 'malformed', () => with_({ token: undefined })],
    ['one field too many', 'malformed', async () => ({ ...(await alice.auth()), admin: true })],
    ['__proto__', 'malformed', async () => JSON.parse(`{"__proto__":${JSON.stringify(await alice.auth())}}`)],
    ['a chain of two', 'malformed', async () => with_({ chain: Array(2).fill((await alice.auth()).chain[0]) })],
    ['no certificate', 'certificate-malformed', () => with_({ certificate: 'none' })],
    ['a certificate of 3 KB', 'malformed', () => with_({ certificate: 'x'.repeat(3_073) })],
    [
      'an authority for a participant',
      'certificate-untrusted',
      () => with_({ certificate: service.authority.issuer.certificate.pem }),
    ],
    [
      'a node for a participant',
      'certificate-untrusted',
      async () => with_({ certificate: (await service.authority.issue('dms-node')).certificate.pem }),
    ],
    ['papers of another root', 'certificate-untrusted', async () => (await stranger.participant()).auth()],
    [
      "another root's issuer",
      'certificate-untrusted',
      () => with_({ chain: [stranger.authority.issuer.certificate.pem] }),
    ],
    ['a token that is none', 'token-invalid', () => with_({ token: 'a.b.c' })],
    ["somebody else's token", 'token-not-for-certificate', async () => with_({ token: (await bob.auth()).token })],
    [
      "somebody else's certificate",
      'token-not-for-certificate',
      async () => with_({ certificate: (await bob.auth()).certificate }),
    ],
    ['a token for another subject', 'token-not-for-certificate', () => alice.auth({ sub: bob.subject })],
    ['a token of another authority', 'token-invalid', () => alice.auth({ iss: stranger.name })],
    ['a token for another audience', 'token-invalid', () => alice.auth({ aud: 'somebody' })],
    ['a token for several audiences', 'token-invalid', () => alice.auth({ aud: ['dms', 'somebody'] })],
    [
      'a token that a timestamp signer signed',
      'token-invalid',
      async () => with_({ token: await service.accessToken(alice.certificate, {}, service.signers.timestamp) }),
    ],
    [
      'a token that a stranger signed',
      'token-invalid',
      async () => with_({ token: await service.accessToken(alice.certificate, {}, stranger.signers.token) }),
    ],
    [
      'a token of the past',
      'token-expired',
      () => alice.auth({ iat: seconds(service.now()) - 900, exp: seconds(service.now()) }),
    ],
    [
      'a token of the future',
      'token-invalid',
      () => alice.auth({ iat: seconds(service.now()) + 60, exp: seconds(service.now()) + 120 }),
    ],
    ['a token that lasts for days', 'token-invalid', () => alice.auth({ exp: seconds(service.now() + 3 * DAY_MS) })],
  ];
  it.each(rows)('refuses %s: %s', async (_what, code, auth) => {
    expect(await refusalOf(authenticate(await auth()))).toBe(code);
  });

  it.each([
    ['certificate-expired', { notBefore: -2 * DAY_MS, notAfter: -1_000 }],
    ['certificate-not-yet-valid', { notBefore: DAY_MS, notAfter: 2 * DAY_MS }],
  ])('refuses a certificate of another day: %s', async (code, { notBefore, notAfter }) => {
    const now = service.now();
    const late = await service.participant({ notBefore: now + notBefore, notAfter: now + notAfter });
    expect(await refusalOf(authenticate(await late.auth()))).toBe(code);
  });

  it('judges at the trusted time, not by the machine', async () => {
    const papers = await alice.auth();
    service.setTime(service.now() + 2 * DAY_MS);
    service.clock.advance(250);
    await trust.time.sync();
    expect(await refusalOf(authenticate(papers))).toBe('certificate-expired');
    const later = { notBefore: service.now() - 1_000, notAfter: service.now() + DAY_MS };
    expect(await refusalOf(authenticate(await (await service.participant(later)).auth()))).toBeUndefined();
  });

  it('refuses a certificate that was revoked', async () => {
    service.revoke(alice.certificate.serialHex);
    await trust.revocations.poll(service.now());
    expect(await refusalOf(authenticate(await alice.auth()))).toBe('certificate-revoked');
    expect(await refusalOf(authenticate(await bob.auth()))).toBeUndefined();
  });

  it('refuses everybody when there is no revocation list of the present', async () => {
    const papers = await alice.auth();
    service.setTime(service.now() + service.listLifeMs);
    await trust.time.sync();
    service.trouble = unreachable();
    expect(await refusalOf(authenticate(papers))).toBe('revocation-list-stale');
  });

  it('refuses everybody when the trusted time is not known', async () => {
    service.clock.advance(6 * 60_000);
    expect(await refusalOf(authenticate(await alice.auth()))).toBe('trusted-time-unavailable');
  });
});

describe('renewal', () => {
  let peer: Peer;
  beforeEach(async () => {
    peer = await authenticate(await alice.auth());
  });

  it('takes fresh papers of the same participant', async () => {
    service.clock.advance(60_000);
    const { token, certificate } = await alice.auth();
    const renewed = await authenticateRenewal({ token, certificate }, peer, trust);
    expect(renewed.tokenExpiresAt).toBeGreaterThan(peer.tokenExpiresAt);
  });

  it("refuses somebody else's good papers", async () => {
    const { token, certificate } = await bob.auth();
    expect(await refusalOf(authenticateRenewal({ token, certificate }, peer, trust))).toBe('token-not-for-certificate');
  });

  it('refuses papers that were revoked', async () => {
    service.revoke(alice.certificate.serialHex);
    await trust.revocations.poll(service.now());
    const { token, certificate } = await alice.auth();
    expect(await refusalOf(authenticateRenewal({ token, certificate }, peer, trust))).toBe('certificate-revoked');
  });
});

describe('papers run out', () => {
  it('to the millisecond', async () => {
    const peer = await authenticate(await alice.auth());
    const lapse = (at: number) => lapseOf(peer, at as Instant, undefined);
    expect([-1, 0, 1].map((by) => lapse(peer.tokenExpiresAt + by))).toEqual([
      undefined,
      'token-expired',
      'token-expired',
    ]);
    const endless = { ...peer, tokenExpiresAt: Number.MAX_SAFE_INTEGER as Instant };
    const end = peer.certificate.notAfter;
    const lapses = [-1, 0, 1].map((by) => lapseOf(endless, (end + by) as Instant, undefined));
    expect(lapses).toEqual([undefined, undefined, 'certificate-expired']);
    expect(lapse(peer.certificate.notBefore - 1)).toBe('certificate-not-yet-valid');
  });
});
