/** Access tokens: for the holder of a live certificate, bound to that certificate. */
import { randomUUID } from 'node:crypto';
import { type JwsSigner, signJws } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { type AccessTokenClaims, TOKEN_AUDIENCE, TOKEN_TYPE } from '../../shared/pki/access-token.ts';
import { parseCertificate, type VerifiedCertificate, verifyCertificate } from '../../shared/pki/verify-certificate.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { type IssueAnswer, IssueProof, type IssueRequest } from '../../shared/wire/http-endpoints.ts';
import { TOKEN_LIFE_MS } from '../../shared/wire/limits.ts';
import { type Digest, Instant } from '../../shared/wire/vocabulary.ts';
import type { AuditTrail } from '../audit/audit-journal.ts';
import type { Issuer } from '../certificate-authority/issuer.ts';
import type { Registry } from '../certificate-authority/registry.ts';
import type { CertificateRecords } from '../store/certificate-records.ts';
import type { PossessionProofs } from './possession-proofs.ts';

export interface TokenIssuerParts {
  readonly issuer: Issuer;
  readonly registry: Registry;
  readonly records: CertificateRecords;
  readonly proofs: PossessionProofs;
  readonly signer: JwsSigner;
  /** `iss` of the tokens. */
  readonly authority: string;
  readonly clock: Clock;
  readonly audit: AuditTrail;
}

export class TokenIssuer {
  readonly #parts: TokenIssuerParts;

  constructor(parts: TokenIssuerParts) {
    this.#parts = parts;
  }

  /**
   * A token for the DMS, for at most 15 minutes and never beyond the certificate.
   * @throws ProtocolError 'certificate-…' | 'not-enrolled' | 'proof-invalid' | 'proof-expired' | 'proof-replayed'
   */
  async issue(request: IssueRequest): Promise<IssueAnswer> {
    const { registry, records, proofs, clock, issuer, audit, signer } = this.#parts;
    // The certificate is a participant's, of our own issue, and valid now.
    const at = clock.now();
    const shown = parseCertificate(request.certificate);
    const trust = { root: issuer.root, issuer: issuer.authorityOf(shown), at };
    const certificate = verifyCertificate(shown, 'participant', trust);
    // Neither it nor its key was withdrawn.
    if (records.revocationOf(certificate.subject) !== undefined) throw new ProtocolError('certificate-revoked');
    // Its owner is known to us.
    if (registry.find(certificate.subject) === undefined) throw new ProtocolError('not-enrolled');
    // Whoever asks holds its key, and has not used this proof before. No token leaves untold.
    const proof = await proofs.verify(request.proof, { typ: 'proof+jwt', schema: IssueProof }, certificate);
    const claims = this.#claimsFor(certificate, at);
    const expiresAt = Instant.parse(claims.exp * 1_000);
    const { subject, serialHex: serial } = certificate;
    audit.within((record) => {
      proofs.spend(subject, proof);
      record({ type: 'token-issued', by: 'owner', subject, serial, jti: claims.jti, expiresAt });
    });
    return { token: await signJws(signer, TOKEN_TYPE, claims), expiresAt };
  }

  #claimsFor(certificate: VerifiedCertificate<'participant'>, at: number): AccessTokenClaims {
    const iat = toSeconds(at);
    const exp = Math.min(iat + toSeconds(TOKEN_LIFE_MS), toSeconds(certificate.notAfter));
    // In the certificate's last second a token would not even begin.
    if (exp <= iat) throw new ProtocolError('certificate-expired');
    return {
      iss: this.#parts.authority,
      sub: certificate.subject,
      aud: TOKEN_AUDIENCE,
      iat,
      exp,
      jti: randomUUID(),
      cnf: { 'x5t#S256': certificate.x5tS256 as Digest },
    };
  }
}

/** RFC 7519 has whole seconds. Cut, not rounded: nothing of ours may be of the future, or last longer than it should. */
function toSeconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
