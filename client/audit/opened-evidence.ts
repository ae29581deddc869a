/** A kept opening as evidence: with the chain by which a third party finds that the other party was a participant. */
import { utf8 } from '../../shared/bytes.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { PrivateRecord } from '../../shared/journal/record.ts';
import { decodeBase64 } from '../../shared/pki/pem.ts';
import {
  type Certificate,
  parseCertificate,
  parseCertificateDer,
  verifyIssuance,
} from '../../shared/pki/verify-certificate.ts';
import { parseStrictJson } from '../../shared/strict-json.ts';
import type { CertificatePem } from '../../shared/wire/vocabulary.ts';
import type { KeptOpening } from '../proof/proof-store.ts';
import type { OpenedEvidence } from './evidence.ts';
import type { SignerChain } from './signer-archive.ts';

/** `undefined` where no issuing CA that the archive names has issued the certificate. */
export function openedEvidence(
  { command, salt, privatePart }: KeptOpening,
  signers: readonly SignerChain[],
  root: Certificate,
): OpenedEvidence | undefined {
  const held = PrivateRecord.parse(parseStrictJson(utf8.encode(privatePart)));
  if (held.kind !== 'signed') return undefined;
  const certificate = parseCertificate(held.certificate);
  for (const text of new Set(signers.map(({ x5c }) => x5c[1] ?? ''))) {
    try {
      const issuer = parseCertificateDer(decodeBase64(text) ?? new Uint8Array());
      verifyIssuance(certificate, 'participant', { root, issuer });
      return { participant: [held.certificate, issuer.pem as CertificatePem], command, salt, privatePart };
    } catch (error) {
      // Another one has issued it.
      if (!(error instanceof ProtocolError)) throw error;
    }
  }
  return undefined;
}
