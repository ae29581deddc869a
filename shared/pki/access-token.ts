/** The access token (RFC 9068, cut down): who may open a session, until when, and with which certificate. */

import { z } from 'zod';
import type { P256PublicKey } from '#platform/p256.ts';
import { parseJws, verifyJws } from '../crypto/jws.ts';
import { ProtocolError } from '../errors.ts';
import { TOKEN_LIFE_MS } from '../wire/limits.ts';
import { Digest, Subject } from '../wire/vocabulary.ts';
import type { Certificate } from './certificate.ts';

/** The DMS's name in `aud`. */
export const TOKEN_AUDIENCE = 'dms';
/** The type of the JWS (RFC 9068 section 2.1). */
export const TOKEN_TYPE = 'at+jwt';

/** Seconds since the Unix epoch, as RFC 7519 has it: the only place with seconds. Up to the year 9999. */
const NumericDate = z.int().min(0).max(253_402_300_799);

export const AccessTokenClaims = z.strictObject({
  /** The authority's name, see trust-anchors.ts. */
  iss: z.string(),
  sub: Subject,
  aud: z.literal(TOKEN_AUDIENCE),
  iat: NumericDate,
  exp: NumericDate,
  jti: z.uuidv4(),
  /** RFC 8705 section 3.1: the SHA-256 of the one certificate that may present the token. */
  cnf: z.strictObject({ 'x5t#S256': Digest }),
});
export type AccessTokenClaims = z.infer<typeof AccessTokenClaims>;

/** `iat` is rounded to seconds, and our clock may be a little behind the issuer's. */
const IAT_TOLERANCE_MS = 2_000;

export interface TokenTrust {
  /** The token signers, by `kid`. */
  readonly keys: ReadonlyMap<string, P256PublicKey>;
  readonly authority: string;
  /** The trusted time, milliseconds since the Unix epoch. */
  readonly at: number;
  /** The certificate of whoever presents the token, already verified. */
  readonly certificate: Certificate;
}

/**
 * Verifies a token for the DMS.
 * @throws ProtocolError 'token-invalid' | 'token-expired' | 'token-not-for-certificate'
 */
export async function verifyAccessToken(token: string, trust: TokenTrust): Promise<AccessTokenClaims> {
  // A token signer of this authority signed it, as an access token, for the DMS.
  const claims = await verifySignature(token, trust.keys);
  const [issuedAt, expiresAt] = [claims.iat * 1_000, claims.exp * 1_000];
  // The authority is the one whose root we hold.
  if (claims.iss !== trust.authority) throw new ProtocolError('token-invalid', 'it is of another authority');
  // Its life is one that the authority gives.
  if (!(expiresAt > issuedAt && expiresAt - issuedAt <= TOKEN_LIFE_MS)) {
    throw new ProtocolError('token-invalid', 'its life is too long');
  }
  // It is of the present.
  if (!(issuedAt <= trust.at + IAT_TOLERANCE_MS)) throw new ProtocolError('token-invalid', 'it is of the future');
  if (!(trust.at < expiresAt)) throw new ProtocolError('token-expired');
  // It belongs to this certificate, and the certificate to its subject.
  if (claims.cnf['x5t#S256'] !== trust.certificate.x5tS256 || claims.sub !== trust.certificate.subject) {
    throw new ProtocolError('token-not-for-certificate');
  }
  return claims;
}

async function verifySignature(token: string, keys: ReadonlyMap<string, P256PublicKey>): Promise<AccessTokenClaims> {
  try {
    const { kid } = parseJws(token, TOKEN_TYPE, AccessTokenClaims);
    const key = keys.get(kid);
    if (key === undefined) throw new ProtocolError('token-invalid', 'its key is not known');
    return await verifyJws(token, { typ: TOKEN_TYPE, key, kid, schema: AccessTokenClaims });
  } catch (error) {
    // Whatever is wrong with the form or the signature: to the sender it is one thing, a token that is none.
    if (error instanceof ProtocolError) throw new ProtocolError('token-invalid', error.detail, { cause: error });
    throw error;
  }
}
