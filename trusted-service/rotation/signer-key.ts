/** The two keys that sign for everybody, as those see them who keep certificates for them. */
import type { KeyObject } from 'node:crypto';
import type { JwsSigner } from '../../shared/crypto/jws.ts';
import type { Certificate } from '../../shared/pki/certificate.ts';
import type { KeyName } from '../authority-keys.ts';

export const SIGNER_ROLES = ['token-signer', 'timestamp-signer'] as const;
export type SignerRole = (typeof SIGNER_ROLES)[number];

/** A signer's key that is published: the next one, the one that signs, or one that did so until just now. */
export interface SignerKey {
  readonly role: SignerRole;
  /** What its files are called. */
  readonly name: KeyName;
  readonly publicKey: KeyObject;
  /** Where it signs now. */
  readonly signer?: JwsSigner | undefined;
}

/** Where certificates are kept for good, in the transaction that records their issue. */
export interface SignerArchive {
  keep(role: SignerRole, certificate: Certificate, issuer: Certificate): void;
}
