/** The issuing CA's pen: it signs only what our own verifier has accepted as certificate or revocation list before. */
import type { P256KeyPair } from '../../shared/crypto/ecdsa.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { ProfileName } from '../../shared/pki/certificate-profile.ts';
import type { VerifiedCertificate } from '../../shared/pki/verify-certificate.ts';
import {
  buildRevocationList,
  buildVerifiedCertificate,
  type CertificateOrder,
  type RevocationListOrder,
} from '../../shared/pki/x509-builder.ts';

type LeafProfile = Exclude<ProfileName, 'root' | 'issuing-ca'>;

/** What is to be certified, and for when. Milliseconds since the Unix epoch. */
export interface LeafOrder<Profile extends LeafProfile> extends Omit<CertificateOrder, 'profile' | 'issuer'> {
  readonly profile: Profile;
  /** The time at which the certificate must be valid. */
  readonly at: number;
}

/** A list, and the time at which it must be current. */
export interface ListOrder extends Omit<RevocationListOrder, 'issuer'> {
  readonly at: number;
}

export class Issuer {
  readonly root: VerifiedCertificate<'root'>;
  readonly certificate: VerifiedCertificate<'issuing-ca'>;
  readonly #keys: P256KeyPair;
  readonly #onSigned: () => void;

  /** `onSigned` hears of each signature. */
  constructor(
    root: VerifiedCertificate<'root'>,
    issuer: { readonly keys: P256KeyPair; readonly certificate: VerifiedCertificate<'issuing-ca'> },
    onSigned: () => void = () => {},
  ) {
    this.root = root;
    this.certificate = issuer.certificate;
    this.#keys = issuer.keys;
    this.#onSigned = onSigned;
  }

  /** Whether this instant is inside the life of the issuing CA, so that something can be issued for it. */
  isAliveAt(at: number): boolean {
    return at >= this.certificate.notBefore && at <= this.certificate.notAfter;
  }

  /**
   * Issues a leaf. Its validity is cut to the issuing CA's own.
   * @throws ProtocolError 'clock-out-of-certificates'; 'malformed' for a host that is none
   */
  async issue<Profile extends LeafProfile>(order: LeafOrder<Profile>): Promise<VerifiedCertificate<Profile>> {
    const { at, notBefore, notAfter, ...request } = order;
    if (!this.isAliveAt(at)) throw new ProtocolError('clock-out-of-certificates');
    const cut = {
      ...request,
      issuer: { key: this.#keys.privateKey, certificate: this.certificate },
      notBefore: Math.max(notBefore, this.certificate.notBefore),
      notAfter: Math.min(notAfter, this.certificate.notAfter),
    };
    const certificate = await buildVerifiedCertificate(cut, { root: this.root, at });
    this.#onSigned();
    return certificate;
  }

  /**
   * Signs a revocation list that its readers accept at `at`. DER.
   * @throws ProtocolError 'clock-out-of-certificates'
   */
  async issueRevocationList({ at, ...order }: ListOrder): Promise<Uint8Array> {
    if (!this.isAliveAt(at)) throw new ProtocolError('clock-out-of-certificates');
    const issuer = { key: this.#keys.privateKey, certificate: this.certificate };
    const thisUpdate = Math.max(order.thisUpdate, this.certificate.notBefore);
    const der = await buildRevocationList({ ...order, thisUpdate, issuer }, at);
    this.#onSigned();
    return der;
  }
}
