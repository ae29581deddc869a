import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type OfferContext, proveSession, verifyOffer } from '../../../client/connection/handshake.ts';
import { createIdentitySigner, generateIdentityKey } from '../../../client/sealing/p256-signer.ts';
import { decodeBase64url, encodeBase64url } from '../../../shared/bytes.ts';
import { digestOfText } from '../../../shared/crypto/digest.ts';
import { createJwsSigner, signJws, verifyJws } from '../../../shared/crypto/jws.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import type { Revocations } from '../../../shared/pki/verify-certificate.ts';
import { SessionOffer, SessionProof } from '../../../shared/wire/socket-events.ts';
import type { Instant } from '../../../shared/wire/vocabulary.ts';
import { refusalOf } from '../../support/refusal.ts';
import { createTestAuthority, type Issued, TEST_HOUSE, type TestAuthority } from '../../support/test-authority.ts';
import { uuid } from '../lots.ts';

const NOW = Date.UTC(2026, 10, 21, 12) as Instant;
const DAY_MS = 86_400_000;
const random32 = () => encodeBase64url(randomBytes(32));

let authority: TestAuthority;
let dms: Issued;
const signer = createIdentitySigner(generateIdentityKey());
const nobodyRevoked: Revocations = { isRevoked: () => false };

beforeAll(async () => {
  authority = await createTestAuthority(NOW);
  dms = await authority.issue('dms-node');
});

const nonce = random32();
const context = (): OfferContext => ({
  root: authority.root.certificate,
  revocations: async () => nobodyRevoked,
  at: NOW,
  nonce,
  subject: signer.kid,
});

async function answer(changes: object = {}, by: Issued = dms) {
  const claims = {
    house: TEST_HOUSE,
    session: uuid(1),
    clientNonce: nonce,
    serverNonce: random32(),
    sealingKey: random32(),
    sub: signer.kid,
    exp: NOW + 1_000,
    ...changes,
  };
  const offer = await signJws(createJwsSigner(by.keys), 'session-offer+jwt', claims);
  const chain = [by.certificate.pem, authority.issuer.certificate.pem];
  return { outcome: 'accepted' as const, chain, offer };
}

describe('an offer', () => {
  it('of a DMS under our root, to us, just now, is taken', async () => {
    const offer = await verifyOffer(await answer(), context());
    expect(offer.house).toBe(TEST_HOUSE);
    expect(encodeBase64url(offer.sealingKey)).toBe(offer.claims.sealingKey);
  });

  it.each([
    ['for another hello', { clientNonce: encodeBase64url(new Uint8Array(32)) }, 'peer-untrusted'],
    ['for somebody else', { sub: encodeBase64url(new Uint8Array(32)) }, 'peer-untrusted'],
    ['of another house than its certificate', { house: uuid(7) }, 'peer-untrusted'],
    ['that is over', { exp: NOW }, 'session-expired'],
    ['with another claim', { extra: 1 }, 'peer-untrusted'],
    ['with a short sealing key', { sealingKey: 'AAAA' }, 'peer-untrusted'],
  ])('%s is not', async (_what, changes, code) => {
    expect(await refusalOf(verifyOffer(await answer(changes), context()))).toBe(code);
  });

  it('by another key than the certificate is not', async () => {
    const { offer } = await answer({}, await authority.issue('dms-node'));
    expect(await refusalOf(verifyOffer({ ...(await answer()), offer }, context()))).toBe('peer-untrusted');
  });

  it.each(['participant', 'trusted-service-tls', 'timestamp-signer'] as const)('by a %s is not', async (profile) => {
    const by = await authority.issue(profile);
    expect(await refusalOf(verifyOffer(await answer({}, by), context()))).toBe('peer-untrusted');
  });

  it('under another root is not', async () => {
    const stranger = await createTestAuthority(NOW);
    const by = await stranger.issue('dms-node');
    const chain = [by.certificate.pem, stranger.issuer.certificate.pem];
    expect(await refusalOf(verifyOffer({ ...(await answer({}, by)), chain }, context()))).toBe('peer-untrusted');
  });

  it('that is no JWS, or another type of one, is not', async () => {
    const proof = await signJws(createJwsSigner(dms.keys), 'session-proof+jwt', {});
    for (const offer of [proof, 'a.b.c' as typeof proof]) {
      expect(await refusalOf(verifyOffer({ ...(await answer()), offer }, context()))).toBe('peer-untrusted');
    }
  });

  it('by a revoked DMS is not', async () => {
    const revoked: Revocations = { isRevoked: (_issuer, serial) => serial === dms.certificate.serialHex };
    const revocations = async () => revoked;
    expect(await refusalOf(verifyOffer(await answer(), { ...context(), revocations }))).toBe('peer-untrusted');
  });

  it.each([
    ['cannot be judged without the list', 'trusted-service-unreachable'],
    ['cannot be judged by a list of another time', 'revocation-list-stale'],
  ] as const)('%s', async (_what, code) => {
    const revocations = () => Promise.reject(new ProtocolError(code));
    const verifying = verifyOffer(await answer(), { ...context(), revocations });
    expect(await refusalOf(verifying)).toBe(code);
  });

  it.each([-DAY_MS, 2 * DAY_MS])(
    'by a DMS whose certificate is not valid now waits: it renews by itself (%d ms)',
    async (later) => {
      const at = (NOW + later) as Instant;
      expect(await refusalOf(verifyOffer(await answer(), { ...context(), at }))).toBe('dms-unreachable');
    },
  );
});

describe('a proof', () => {
  it('is about this offer and verifies by our key', async () => {
    const offer = await verifyOffer(await answer(), context());
    const text = await proveSession(signer, offer);
    const claims = await verifyJws(text, {
      typ: 'session-proof+jwt',
      key: signer.keys.publicKey,
      schema: SessionProof,
    });
    const { session, serverNonce } = SessionOffer.parse(offer.claims);
    expect(claims).toEqual({ session, serverNonce, offer: digestOfText(offer.text) });
    expect(decodeBase64url(claims.serverNonce)).toHaveLength(32);
  });
});
