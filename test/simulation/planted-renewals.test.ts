/** Bugs in what a session is renewed by, planted one at a time, as in `planted-bugs.test.ts`. */
import { vi } from 'vitest';
import type { Session } from '../../dms/admission/session.ts';
import type { JwsType } from '../../shared/crypto/jws.ts';
import { findEach } from './first-finding.ts';

const planted = vi.hoisted(() => ({ bug: '' }));
const isPlanted = (bug: string) => planted.bug === bug;

vi.mock('../../dms/admission/authenticate-peer.ts', async (load) => {
  const real = await load<typeof import('../../dms/admission/authenticate-peer.ts')>();
  const authenticateRenewal: typeof real.authenticateRenewal = (shown, peer, trust, turn) => {
    const isAnybodys = isPlanted('papers of somebody else');
    const named = isAnybodys ? real.claimedSubject({ ...shown, chain: [peer.issuer.pem] }) : undefined;
    const isBlind = isPlanted('a renewal that knows of no revocations');
    const revocations = isBlind ? { at: async () => ({ isRevoked: () => false }) } : trust.revocations;
    return real.authenticateRenewal(
      shown,
      { ...peer, subject: named ?? peer.subject },
      { ...trust, revocations },
      turn,
    );
  };
  return { ...real, authenticateRenewal };
});

vi.mock('../../shared/pki/access-token.ts', async (load) => {
  const real = await load<typeof import('../../shared/pki/access-token.ts')>();
  const verifyAccessToken: typeof real.verifyAccessToken = (token, trust) => {
    const { exp, sub, cnf } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
    const at = isPlanted('a token that has ended') ? Math.min(trust.at, exp * 1_000 - 1) : trust.at;
    const isAnyones = isPlanted('a token of another certificate');
    const named = isAnyones ? { subject: sub, x5tS256: cnf['x5t#S256'] } : undefined;
    return real.verifyAccessToken(token, { ...trust, at, certificate: { ...trust.certificate, ...named } });
  };
  return { ...real, verifyAccessToken };
});

vi.mock('../../shared/crypto/jws.ts', async (load) => {
  const real = await load<typeof import('../../shared/crypto/jws.ts')>();
  const isUnread = (typ: JwsType) => typ === 'at+jwt' && isPlanted('a token whose signature nobody looks at');
  const verifyJws: typeof real.verifyJws = async (text, expected) =>
    isUnread(expected.typ) ? real.parseJws(text, expected.typ, expected.schema).claims : real.verifyJws(text, expected);
  return { ...real, verifyJws };
});

vi.mock('../../dms/admission/session.ts', async (load) => {
  const real = await load<typeof import('../../dms/admission/session.ts')>();
  class LastingSession extends real.Session {
    override renew(...[peer]: Parameters<Session['renew']>): ReturnType<Session['renew']> {
      const end = super.renew(peer);
      return isPlanted('a promise by the certificate alone') ? peer.certificate.notAfter : end;
    }
  }
  return { ...real, Session: LastingSession };
});

findEach(planted, [
  { bug: 'papers of somebody else', rule: /no session is renewed by papers of somebody else/ },
  { bug: 'a renewal that knows of no revocations', rule: /renewed by papers that are known to be revoked/ },
  { bug: 'a token that has ended', rule: /renewed by papers that have ended/ },
  { bug: 'a token of another certificate', rule: /renewed by papers that were never issued/ },
  { bug: 'a token whose signature nobody looks at', rule: /renewed by papers that were never issued/ },
  { bug: 'a promise by the certificate alone', rule: /promised to last longer than its papers/ },
]);
