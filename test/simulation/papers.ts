/** What a guest shows: a token and a certificate, by the authority's clock. They end and are revoked, and are really signed. */
import type { Peer } from '../../dms/admission/authenticate-peer.ts';
import { createJwsSigner, signJws } from '../../shared/crypto/jws.ts';
import { type AccessTokenClaims, TOKEN_AUDIENCE, TOKEN_TYPE } from '../../shared/pki/access-token.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import type { CompactJws, Digest, Instant, Subject } from '../../shared/wire/vocabulary.ts';
import { AUTHORITY, certifyParticipant, ISSUING, TOKEN_SIGNER } from './issuing.ts';
import { keysOfGuest } from './vocabulary.ts';

/** As they were issued, and what a door makes of them. */
export interface Papers extends Peer {
  readonly certificate: Certificate;
  /** Signed when somebody asks for it: at a door here nobody reads it. */
  token(): Promise<CompactJws>;
}

export interface Lives {
  readonly tokenMs: number;
  readonly certificateMs: number;
}

/** A serial number is positive, and those of one town are equally long. */
const FIRST_SERIAL = 0x40000000;

const signer = createJwsSigner(TOKEN_SIGNER.keys);

/** The certificate of number `serial`: good from now on, and a little before. */
export function certifyGuest(subject: Subject, serial: number, now: number, lives: Lives): Certificate {
  return certifyParticipant({
    publicKey: keysOfGuest(subject).publicKey,
    serialHex: (FIRST_SERIAL + serial).toString(16),
    notBefore: now - Math.round(lives.tokenMs / 4),
    notAfter: now + lives.certificateMs,
  });
}

/** A token for a certificate, and both of them together. As `trusted-service/token-issuer/token-issuer.ts` has it, by whole seconds. */
export function issuePapers(certificate: Certificate, now: number, { tokenMs }: Lives): Papers {
  const { subject, serialHex, notAfter, x5tS256 } = certificate;
  const iat = Math.floor(now / 1_000);
  const exp = Math.min(iat + Math.floor(tokenMs / 1_000), Math.floor(notAfter / 1_000));
  const claims: AccessTokenClaims = {
    ...{ iss: AUTHORITY, sub: subject, aud: TOKEN_AUDIENCE, iat, exp },
    jti: `00000000-0000-4000-8000-0000${serialHex}`,
    cnf: { 'x5t#S256': x5tS256 as Digest },
  };
  let token: Promise<CompactJws> | undefined;
  return {
    ...{ subject, certificate, issuer: ISSUING.certificate, tokenExpiresAt: (exp * 1_000) as Instant },
    token: () => {
      token ??= signJws(signer, TOKEN_TYPE, claims);
      return token;
    },
  };
}
