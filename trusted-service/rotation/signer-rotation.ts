/** The turn of a signer's key. */
import { generateP256 } from '../../shared/crypto/ecdsa.ts';
import type { Issuer } from '../certificate-authority/issuer.ts';
import type { OwnCertificates } from '../own-certificates.ts';
import type { RotatedBy } from './key-ring.ts';
import { RoleRotation, type RoleRotationParts } from './role-rotation.ts';
import type { SignerRole } from './signer-key.ts';

export interface SignerRotationParts extends RoleRotationParts {
  readonly own: OwnCertificates;
  readonly issuer: Issuer;
}

export class SignerRotation extends RoleRotation {
  readonly role: SignerRole;
  readonly #own: OwnCertificates;
  readonly #issuer: Issuer;

  constructor(role: SignerRole, { own, issuer, ...parts }: SignerRotationParts) {
    super(parts);
    this.role = role;
    this.#own = own;
    this.#issuer = issuer;
  }

  async prepare(by: RotatedBy): Promise<boolean> {
    const { ring } = this.parts;
    if (ring.inState(this.role, 'next') !== undefined) return true;
    const keys = generateP256();
    const certificate = await this.#own.certifySigner(this.role, keys.publicKey);
    const { name } = ring.add(this.role, keys, { certificate, issuer: this.#issuer.authorityOf(certificate) }, by);
    this.#own.learn(name, certificate);
    return true;
  }
}
