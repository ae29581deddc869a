/** The issuing CA's pen: it signs only what our own verifier has accepted as certificate or revocation list before. */
import { equalBytes } from '../../shared/bytes.ts';
import type { P256KeyPair } from '../../shared/crypto/ecdsa.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Certificate } from '../../shared/pki/certificate.ts';
import { encodeAuthorityKeyIdentifier, findExtension } from '../../shared/pki/certificate-extensions.ts';
import { OID, type ProfileName } from '../../shared/pki/certificate-profile.ts';
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

/** An issuing CA whose key is here. */
export interface IssuingAuthority {
  readonly keys: P256KeyPair;
  readonly certificate: VerifiedCertificate<'issuing-ca'>;
}

export class Issuer {
  readonly root: VerifiedCertificate<'root'>;
  readonly #onSigned: () => void;
  #current: IssuingAuthority;
  /** Those that sign revocation lists: the current one, the next, and former ones while what they issued lives. */
  #inUse: readonly IssuingAuthority[];
  /** Of issuing CAs that are no longer in use. */
  #former: readonly Certificate[] = [];

  /** `onSigned` hears of each signature. */
  constructor(root: VerifiedCertificate<'root'>, issuer: IssuingAuthority, onSigned: () => void = () => {}) {
    this.root = root;
    this.#current = issuer;
    this.#inUse = [issuer];
    this.#onSigned = onSigned;
  }

  /** Changes the pen. What is being signed just now is finished with the one before. */
  take(current: IssuingAuthority, inUse: readonly IssuingAuthority[], former: readonly Certificate[]): void {
    this.#current = current;
    this.#inUse = inUse;
    this.#former = former;
  }

  /** The issuing CA that signs certificates now. */
  get certificate(): VerifiedCertificate<'issuing-ca'> {
    return this.#current.certificate;
  }

  /** The issuing CAs whose revocation lists are published, the current one among them. */
  get inUse(): readonly Certificate[] {
    return this.#inUse.map(({ certificate }) => certificate);
  }

  /** The issuing CA, of all that there ever were, whose key the certificate says signed it; the current one if none fits. */
  authorityOf(certificate: Certificate): Certificate {
    const named = findExtension(certificate.extensions, OID.authorityKeyIdentifier)?.encoded ?? new Uint8Array();
    const all = [this.certificate, ...this.inUse, ...this.#former];
    return (
      all.find((issuer) => equalBytes(encodeAuthorityKeyIdentifier(issuer.keyIdentifier), named)) ?? this.certificate
    );
  }

  /** Whether this instant is inside the life of the issuing CA, so that something can be issued for it. */
  isAliveAt(at: number, { notBefore, notAfter }: Certificate = this.certificate): boolean {
    return at >= notBefore && at <= notAfter;
  }

  /**
   * Issues a leaf. Its validity is cut to the issuing CA's own.
   * @throws ProtocolError 'clock-out-of-certificates'; 'malformed' for a host that is none
   */
  async issue<Profile extends LeafProfile>(order: LeafOrder<Profile>): Promise<VerifiedCertificate<Profile>> {
    const { at, notBefore, notAfter, ...request } = order;
    if (!this.isAliveAt(at)) throw new ProtocolError('clock-out-of-certificates');
    // One look: it may change while the signature is made.
    const { keys, certificate: issuer } = this.#current;
    const cut = {
      ...request,
      issuer: { key: keys.privateKey, certificate: issuer },
      notBefore: Math.max(notBefore, issuer.notBefore),
      notAfter: Math.min(notAfter, issuer.notAfter),
    };
    const certificate = await buildVerifiedCertificate(cut, { root: this.root, at });
    this.#onSigned();
    return certificate;
  }

  /**
   * Signs a revocation list of `authority`, which is in use, that its readers accept at `at`. DER.
   * @throws ProtocolError 'clock-out-of-certificates'
   */
  async issueRevocationList(
    { at, ...order }: ListOrder,
    authority: Certificate = this.certificate,
  ): Promise<Uint8Array> {
    const pen = this.#inUse.find(({ certificate }) => certificate.sha256 === authority.sha256);
    if (pen === undefined || !this.isAliveAt(at, authority)) throw new ProtocolError('clock-out-of-certificates');
    const issuer = { key: pen.keys.privateKey, certificate: pen.certificate };
    const thisUpdate = Math.max(order.thisUpdate, authority.notBefore);
    const der = await buildRevocationList({ ...order, thisUpdate, issuer }, at);
    this.#onSigned();
    return der;
  }
}
