/** What the root key does after set-up, and all that it does: certify an issuing CA. By the service, or where the root is. */
import type { KeyObject } from 'node:crypto';
import { type Certificate, type VerifiedCertificate, verifyIssuance } from '../../shared/pki/verify-certificate.ts';
import { buildCertificate } from '../../shared/pki/x509-builder.ts';

const HOUR_MS = 3_600_000;
/** Other machines' clocks may be behind ours. */
const BACKDATING_MS = HOUR_MS;
const LIFE_MS = 365 * 24 * HOUR_MS;

export interface Span {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** How long an issuing CA lives that is made when the two clocks show this: on both, and inside of the root's life. */
export function issuingCaSpan(root: Certificate, clock: number, machine: number): Span {
  return {
    notBefore: Math.max(root.notBefore, Math.min(clock, machine) - BACKDATING_MS),
    notAfter: Math.min(root.notAfter, Math.max(clock, machine) + LIFE_MS),
  };
}

export interface IssuingCaOrder extends Span {
  readonly root: VerifiedCertificate<'root'>;
  readonly rootKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Signs, and verifies what was signed. */
export async function certifyIssuingCa(order: IssuingCaOrder): Promise<VerifiedCertificate<'issuing-ca'>> {
  const { root, rootKey, publicKey, notBefore, notAfter } = order;
  const issuer = { key: rootKey, certificate: root };
  const built = await buildCertificate({ profile: 'issuing-ca', publicKey, issuer, notBefore, notAfter });
  return verifyIssuance(built, 'issuing-ca', { root, issuer: root });
}
