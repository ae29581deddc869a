/** Who asks for a disclosure: a DMS node that we certified, for its own house, now, about exactly this evidence. */
import { canonicalJson } from '../../shared/canonical-json.ts';
import { digestOf } from '../../shared/crypto/digest.ts';
import { verifyJws } from '../../shared/crypto/jws.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { parseCertificate, verifyCertificate } from '../../shared/pki/verify-certificate.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { type DiscloseRequest, DisclosureClaims, type SaleEvidence } from '../../shared/wire/http-endpoints.ts';
import { PROOF_MAX_AGE_MS } from '../../shared/wire/limits.ts';
import type { Subject } from '../../shared/wire/vocabulary.ts';
import type { Issuer } from '../certificate-authority/issuer.ts';
import type { CertificateRecords } from '../store/certificate-records.ts';

/** What is asked, and by which node. */
export interface VerifiedRequest {
  readonly evidence: SaleEvidence;
  readonly node: Subject;
}

export interface RequestTrust {
  readonly issuer: Issuer;
  readonly records: CertificateRecords;
  readonly authority: string;
  readonly clock: Clock;
}

/**
 * Verifies the request and returns it with its evidence, about which nothing is known yet but who answers for it.
 * @throws ProtocolError 'certificate-…' | 'malformed' | 'signature-invalid' | 'proof-expired' | 'evidence-invalid'
 */
export async function verifyRequest(sent: DiscloseRequest, trust: RequestTrust): Promise<VerifiedRequest> {
  const { issuer, records, authority, clock } = trust;
  const at = clock.now();
  // The certificate is a DMS node's, of our own issue, and valid now. The chain beside it is ours and not looked at.
  const shown = parseCertificate(sent.certificate);
  const path = { root: issuer.root, issuer: issuer.authorityOf(shown), at };
  const node = verifyCertificate(shown, 'dms-node', path);
  // It was not withdrawn.
  if (records.revocationOf(node.subject) !== undefined) throw new ProtocolError('certificate-revoked');
  // Its key signed the request.
  const expected = { typ: 'disclosure-request+jwt', key: node.publicKey, schema: DisclosureClaims } as const;
  const claims = await verifyJws(sent.request, expected);
  // The request was meant for us.
  demand(claims.aud === authority, 'request-audience');
  // It is of the present.
  if (!(Math.abs(at - claims.iat) <= PROOF_MAX_AGE_MS)) throw new ProtocolError('proof-expired');
  // The node asks about a sale of its own house.
  demand(claims.iss === node.house && sent.evidence.house === node.house, 'request-house');
  // It is this evidence that the node answers for.
  demand(claims.evidence === digestOf(canonicalJson(sent.evidence)), 'request-digest');
  return { evidence: sent.evidence, node: node.subject };
}

function demand(condition: boolean, check: string): asserts condition {
  if (!condition) throw new ProtocolError('evidence-invalid', check);
}
