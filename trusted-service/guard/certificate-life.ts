/** Nothing is signed outside of the life of a certificate above the signature: it would prove nothing. */
import { ProtocolError } from '../../shared/errors.ts';
import type { Certificate } from '../../shared/pki/certificate.ts';

/** From and until when, both included. */
interface Life {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** The certificates behind a signature. */
export interface SignerLives {
  readonly root: Life;
  readonly issuer: Life;
  readonly signer: Life;
}

/** The same, with all that they say. */
export interface SignerChain extends SignerLives {
  readonly root: Certificate;
  readonly issuer: Certificate;
  readonly signer: Certificate;
}

/** Throws 'clock-out-of-certificates' for a time that the CAs do not cover, 'signer-expired' for one that the signer does not. */
export function demandAlive({ root, issuer, signer }: SignerLives, at: number): void {
  if (!covers(root, at) || !covers(issuer, at)) throw new ProtocolError('clock-out-of-certificates');
  if (!covers(signer, at)) throw new ProtocolError('signer-expired');
}

export function covers({ notBefore, notAfter }: Life, at: number): boolean {
  return at >= notBefore && at <= notAfter;
}
