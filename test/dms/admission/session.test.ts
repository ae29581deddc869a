import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, it } from 'vitest';
import { authenticateRenewal } from '../../../dms/admission/authenticate-peer.ts';
import { decodeBase64url } from '../../../shared/bytes.ts';
import { digestOfText } from '../../../shared/crypto/digest.ts';
import { openSealed, sealTo } from '../../../shared/crypto/ecies.ts';
import { type JwsType, parseJws, signJws, verifyJws } from '../../../shared/crypto/jws.ts';
import { parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import { HANDSHAKE_LIMIT_MS, SESSION_LIFE_MS } from '../../../shared/wire/limits.ts';
import { SessionOffer } from '../../../shared/wire/socket-events.ts';
import type { CompactJws } from '../../../shared/wire/vocabulary.ts';
import { createTestAdmission, type TestAdmission } from '../../support/admission.ts';
import { createTestService, randomText32, type TestService } from '../../support/house.ts';
import type { Participant } from '../../support/participant.ts';
import { codeThrownBy, refusalOf } from '../../support/refusal.ts';
import { TEST_HOUSE } from '../../support/test-authority.ts';

let service: TestService;
let admission: TestAdmission;
let alice: Participant;
let bob: Participant;

beforeEach(async () => {
  service = await createTestService();
  admission = await createTestAdmission(service);
  [alice, bob] = await Promise.all([service.participant(), service.participant()]);
});

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const nonce = randomText32();
const claimsOf = (offer: CompactJws) => parseJws(offer, 'session-offer+jwt', SessionOffer).claims;

describe('the handshake', () => {
  it('offers a sealing key of its own, signed by the house, to this participant and nonce', async () => {
    const { session } = await admission.session(alice);
    const { chain, offer } = await session.hello({ nonce });
    const key = parseCertificate(chain[0]!).publicKey;
    const claims = await verifyJws(offer, { typ: 'session-offer+jwt', key, schema: SessionOffer });
    expect(claims).toMatchObject({ house: TEST_HOUSE, session: session.id, clientNonce: nonce, sub: alice.subject });
    expect(claims.exp).toBe(session.expiresAt());
    const other = await (await admission.session(alice)).session.hello({ nonce });
    expect(claimsOf(other.offer).sealingKey).not.toBe(claims.sealingKey);
    expect(claimsOf(other.offer).serverNonce).not.toBe(claims.serverNonce);
  });

  it('admits who proves to hold the key', async () => {
    const { session, ended } = await admission.admitted(alice);
    expect([session.isAdmitted, ended]).toEqual([true, []]);
  });

  it('gives no sealing key before it is done', async () => {
    const { session } = await admission.session(alice);
    await session.hello({ nonce });
    expect(codeThrownBy(() => session.keys.sealing)).toBe('not-admitted');
  });

  const attacks: [string, (offer: CompactJws, otherOffer: CompactJws) => Promise<CompactJws>][] = [
    ['a proof for another session', (_offer, otherOffer) => alice.prove(otherOffer)],
    ['a proof by somebody else', (offer) => bob.prove(offer)],
    ['another server nonce', (offer) => alice.prove(offer, { serverNonce: randomText32() })],
    ['another offer', (offer) => alice.prove(offer, { offer: digestOfText('another') })],
    ['another session id', (offer, other) => alice.prove(offer, { session: claimsOf(other).session })],
    ['one claim too many', (offer) => alice.prove(offer, { admin: true })],
    ['a proof that is none', async () => 'a.b.c' as CompactJws],
    ['the offer itself', async (offer) => offer],
    ...(['command+jwt', 'proof+jwt', 'session-offer+jwt', 'at+jwt', 'revocation-proof+jwt'] satisfies JwsType[]).map(
      (typ): (typeof attacks)[number] => [
        `a signature made as ${typ}`,
        async (offer) => {
          const { session, serverNonce } = claimsOf(offer);
          return signJws(alice.signer, typ, { session, serverNonce, offer: digestOfText(offer) });
        },
      ],
    ),
  ];
  it.each(attacks)('refuses %s, and ends', async (_what, forge) => {
    const other = await (await admission.session(alice)).session.hello({ nonce });
    const { session, ended } = await admission.session(alice);
    const { offer } = await session.hello({ nonce });
    const proof = await forge(offer, other.offer);
    expect(await refusalOf(session.prove({ proof }))).toBe('session-proof-invalid');
    expect([session.isAdmitted, ended]).toEqual([false, ['session-proof-invalid']]);
    // And says why, to whoever goes on.
    expect(await refusalOf(session.prove({ proof: await alice.prove(offer) }))).toBe('session-proof-invalid');
  });

  it('takes a proof once', async () => {
    const { session, ended } = await admission.session(alice);
    const { offer } = await session.hello({ nonce });
    const proof = await alice.prove(offer);
    const both = await Promise.all([session.prove({ proof }), session.prove({ proof })].map(refusalOf));
    expect(both).toContain('handshake-out-of-order');
    expect([session.isAdmitted, ended]).toEqual([false, ['handshake-out-of-order']]);
  });

  it('says hello once', async () => {
    const { session, ended } = await admission.session(alice);
    const both = await Promise.all([session.hello({ nonce }), session.hello({ nonce })].map(refusalOf));
    expect(both).toContain('handshake-out-of-order');
    expect(ended).toEqual(['handshake-out-of-order']);
  });

  it('does not begin with the proof', async () => {
    const { session, ended } = await admission.session(alice);
    expect(await refusalOf(session.prove({ proof: 'a.b.c' as CompactJws }))).toBe('handshake-out-of-order');
    expect(ended).toEqual(['handshake-out-of-order']);
  });
});

describe('the sealing key', () => {
  it('opens what was sealed to the offer while the session lasts, and is gone when it ends', async () => {
    const { session } = await admission.session(alice);
    const { offer } = await session.hello({ nonce });
    await session.prove({ proof: await alice.prove(offer) });
    const sealed = await sealTo(decodeBase64url(claimsOf(offer).sealingKey)!, Uint8Array.of(1, 2, 3));
    expect(await openSealed(session.keys.sealing, sealed)).toEqual(Uint8Array.of(1, 2, 3));
    session.forget();
    expect(codeThrownBy(() => session.keys.sealing)).toBe('session-expired');
  });

  it.each(['forget', 'end'] as const)('is not kept by a session that has ended: %s', async (way) => {
    const { session } = await admission.admitted(alice);
    const key = new WeakRef(session.keys.sealing);
    if (way === 'forget') session.forget();
    else session.end('too-slow');
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    expect(key.deref()).toBeUndefined();
    // The session itself is still there, and does not hold it.
    expect(session.isAdmitted).toBe(false);
  });

  it('is not made again for a session that ended in its handshake', async () => {
    const { session } = await admission.session(alice);
    const greeting = session.hello({ nonce });
    session.forget();
    expect(await refusalOf(greeting)).toBe('session-expired');
    expect(codeThrownBy(() => session.keys.sealing)).toBe('session-expired');
  });
});

describe('the end of a session', () => {
  it.each([
    [-1, undefined],
    [0, 'handshake-timeout'],
  ])('%i ms after the limit of the handshake: %s', async (past, code) => {
    const { session } = await admission.session(alice);
    service.clock.advance(HANDSHAKE_LIMIT_MS + past);
    expect(session.dueEnd(admission.time.now(), undefined)).toBe(code);
  });

  it.each([
    [-1, undefined],
    [0, 'session-expired'],
  ])('%i ms after the longest life of the key: %s', async (past, code) => {
    const { session } = await admission.admitted(alice);
    service.clock.advance(SESSION_LIFE_MS / 2);
    await admission.time.sync();
    const { token, certificate } = await alice.auth();
    session.renew(await authenticateRenewal({ token, certificate } as never, session.peer, admission));
    service.clock.advance(SESSION_LIFE_MS / 2 + past);
    // Long papers: the session's own life is what ends it.
    expect(session.dueEnd(undefined, undefined)).toBe(code);
  });

  it('comes with the end of its token, in trusted time', async () => {
    const { session, ended } = await admission.admitted(alice);
    service.setTime(session.peer.tokenExpiresAt);
    await admission.time.sync();
    expect(codeThrownBy(() => session.demandLive(admission.time.now(), undefined))).toBe('token-expired');
    expect(ended).toEqual(['token-expired']);
    expect(codeThrownBy(() => session.demandAdmitted())).toBe('token-expired');
  });

  it('comes with the revocation of its certificate', async () => {
    const { session, ended } = await admission.admitted(alice);
    service.revoke(alice.certificate.serialHex);
    await admission.revocations.poll(service.now());
    const now = admission.time.now();
    expect(codeThrownBy(() => session.demandLive(now, admission.revocations.current(now)))).toBe('certificate-revoked');
    expect(ended).toEqual(['certificate-revoked']);
  });

  it('is looked for once in the same lists, again in others, and for renewed papers', async () => {
    const { session } = await admission.admitted(alice);
    let lookedFor = 0;
    const lists = (isRevoked = false) => ({
      isRevoked: () => {
        lookedFor += 1;
        return isRevoked;
      },
    });
    const [first, second] = [lists(), lists(true)];
    const now = admission.time.now();
    expect([1, 2, 3].map(() => session.dueEnd(now, first))).toEqual([undefined, undefined, undefined]);
    expect(lookedFor).toBe(1);
    session.renew(session.peer);
    expect([session.dueEnd(now, first), lookedFor]).toEqual([undefined, 2]);
    // What was found stays found.
    expect([session.dueEnd(now, second), session.dueEnd(now, second)]).toEqual([
      'certificate-revoked',
      'certificate-revoked',
    ]);
    expect(session.dueEnd(now, first)).toBe(undefined);
  });

  it('is told once', async () => {
    const { session, ended } = await admission.admitted(alice);
    session.end('too-slow');
    session.end('token-expired');
    session.forget();
    expect(ended).toEqual(['too-slow']);
  });

  it('is told to nobody when the connection is gone', async () => {
    const { session, ended } = await admission.admitted(alice);
    session.forget();
    session.end('too-slow');
    expect(ended).toEqual([]);
  });
});
