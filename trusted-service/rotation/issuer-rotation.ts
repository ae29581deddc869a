/**
 * The turn of the issuing CA's key. The root certifies each: by its key in the folder, if it is there, or wherever else
 * that key is, in answer to a certification request.
 */
import type { Logger } from 'pino';
import { generateP256, type P256KeyPair } from '../../shared/crypto/ecdsa.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { invariant } from '../../shared/invariant.ts';
import { parseCertificate, type VerifiedCertificate, verifyCertificate } from '../../shared/pki/verify-certificate.ts';
import { buildCertificationRequest } from '../../shared/pki/x509-builder.ts';
import type { RotationRole, RotationState } from '../../shared/wire/key-rotation.ts';
import { Instant } from '../../shared/wire/vocabulary.ts';
import { type AuthorityKeys, loadRootKey } from '../authority-keys.ts';
import type { Issuer, IssuingAuthority } from '../certificate-authority/issuer.ts';
import type { CertificateArchive } from './certificate-archive.ts';
import { certifyIssuingCa, issuingCaSpan, type Span } from './certify-issuing-ca.ts';
import type { RotatedBy, RotatingKey } from './key-ring.ts';
import type { RotationPolicy } from './next-step.ts';
import { RoleRotation, type RoleRotationParts } from './role-rotation.ts';

export interface IssuerRotationParts extends RoleRotationParts {
  readonly authority: AuthorityKeys;
  readonly issuer: Issuer;
  readonly archive: CertificateArchive;
  readonly log: Logger;
}

const DAY_MS = 24 * 3_600_000;
/** What is issued in an issuing CA's last days would end with it: 30 days for signers, and time for an operator who is away. */
const MARGIN_MS = 60 * DAY_MS;

export class IssuerRotation extends RoleRotation {
  readonly role = 'issuing-ca';
  readonly #authority: AuthorityKeys;
  readonly #issuer: Issuer;
  readonly #archive: CertificateArchive;
  readonly #log: Logger;
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor({ authority, issuer, archive, log, ...parts }: IssuerRotationParts) {
    super(parts);
    this.#authority = authority;
    this.#issuer = issuer;
    this.#archive = archive;
    this.#log = log;
    this.#equip();
  }

  get isRootKeyAtHand(): boolean {
    return loadRootKey(this.#authority.folder, this.#authority.root) !== undefined;
  }

  /** When the key's certificate ends, which for an issuing CA is the end of everything below it. */
  endOf(role: RotationRole, kid: string): { readonly notAfter?: Instant } {
    const certificate = this.#archive.issuers().find(({ subject }) => subject === kid);
    return role !== this.role || certificate === undefined ? {} : { notAfter: certificate.notAfter };
  }

  async prepare(by: RotatedBy): Promise<boolean> {
    const { ring } = this.parts;
    if (ring.inState(this.role, 'next') !== undefined) return true;
    const span = this.#span();
    // Outside of the root's own life nothing that it signs is of any use.
    if (!this.#covers(span)) return false;
    const { root, folder } = this.#authority;
    const rootKeys = loadRootKey(folder, root);
    if (rootKeys === undefined) return this.#missRoot(by);
    const wanted = ring.inState(this.role, 'wanted');
    const keys = wanted?.keys ?? generateP256();
    const order = { root, rootKey: rootKeys.privateKey, publicKey: keys.publicKey, ...span };
    const issued = { certificate: await certifyIssuingCa(order), issuer: root };
    if (wanted === undefined) ring.add(this.role, privateOf(keys), issued, by);
    else ring.certify(wanted, issued, by);
    this.#equip();
    return true;
  }

  /** What the root is asked to sign. The key is made now and waits for its certificate. */
  async request(by: RotatedBy): Promise<NonNullable<RotationState['request']>> {
    const { ring } = this.parts;
    const wanted = ring.inState(this.role, 'wanted') ?? ring.add(this.role, generateP256(), undefined, by);
    const { notBefore, notAfter } = this.#span();
    const csr = await buildCertificationRequest(privateOf(wanted.keys));
    return { csr, notBefore: Instant.parse(notBefore), notAfter: Instant.parse(notAfter) };
  }

  /**
   * Takes the root's answer to the request.
   * @throws ProtocolError 'certificate-…' unless the root certified the key that waits, for now
   */
  accept(pem: string, by: RotatedBy): void {
    const { ring, clock, machine } = this.parts;
    const { root } = this.#authority;
    const certificate = parseCertificate(pem);
    for (const at of [clock.now(), machine.now()])
      verifyCertificate(certificate, 'issuing-ca', { root, issuer: root, at });
    const wanted = ring.inState(this.role, 'wanted');
    // An answer that came twice changes nothing.
    if (wanted === undefined && ring.inState(this.role, 'next')?.kid === certificate.subject) return;
    if (wanted?.kid !== certificate.subject) {
      throw new ProtocolError('certificate-untrusted', 'it is not of the key that waits for one');
    }
    ring.certify(wanted, { certificate, issuer: root }, by);
    this.#equip();
  }

  override promote(next: RotatingKey, by: RotatedBy): void {
    super.promote(next, by);
    this.#equip();
  }

  override retire(key: RotatingKey, by: RotatedBy): void {
    super.retire(key, by);
    this.#equip();
  }

  /** The period ends before the life of the certificate, as long as another one would live longer. */
  protected override policy(): RotationPolicy {
    const { policy, ring } = this.parts;
    const current = ring.inState(this.role, 'current');
    if (current === undefined) return policy;
    const { notAfter } = this.#certificateOf(current);
    if (this.#span().notAfter < notAfter + DAY_MS) return policy;
    return { ...policy, periodMs: Math.max(0, Math.min(policy.periodMs, notAfter - MARGIN_MS - current.since.clock)) };
  }

  protected override isUsable(key: RotatingKey): boolean {
    return key.state !== 'wanted' && this.#covers(this.#certificateOf(key));
  }

  #missRoot(by: RotatedBy): false {
    if (by === 'operator') throw new ProtocolError('root-key-needed');
    const now = this.parts.machine.monotonic();
    if (now - this.#warnedAt < DAY_MS) return false;
    this.#warnedAt = now;
    const { notAfter } = this.#issuer.certificate;
    const daysLeft = Math.floor((notAfter - this.parts.clock.now()) / DAY_MS);
    this.#log.warn(
      { event: 'issuing-ca-due', daysLeft, notAfter },
      'the issuing CA is due for rotation, and the root key is not here: run gavel rotate issuing-ca --root-key FILE',
    );
    return false;
  }

  /** Puts the keys as they are now into the issuer's hand. */
  #equip(): void {
    const inUse: IssuingAuthority[] = [];
    let current: IssuingAuthority | undefined;
    for (const key of this.parts.ring.of(this.role)) {
      if (key.state === 'wanted') continue;
      const authority = { keys: privateOf(key.keys), certificate: this.#certificateOf(key) };
      inUse.push(authority);
      if (key.state === 'current') current = authority;
    }
    invariant(current !== undefined, 'one issuing CA is in use');
    this.#issuer.take(current, inUse, this.#archive.issuers());
  }

  #certificateOf({ kid }: RotatingKey): VerifiedCertificate<'issuing-ca'> {
    const certificate = this.#archive.issuers().find(({ subject }) => subject === kid);
    invariant(certificate !== undefined, 'an issuing CA has its certificate in the archive');
    // It was verified before it was kept.
    return certificate as VerifiedCertificate<'issuing-ca'>;
  }

  #span(): Span {
    const { clock, machine } = this.parts;
    return issuingCaSpan(this.#authority.root, clock.now(), machine.now());
  }

  #covers({ notBefore, notAfter }: Span): boolean {
    const { clock, machine } = this.parts;
    return [clock.now(), machine.now()].every((now) => now >= notBefore && now <= notAfter);
  }
}

function privateOf({ publicKey, privateKey }: RotatingKey['keys']): P256KeyPair {
  invariant(privateKey !== undefined, "an issuing CA's key is here until it is retired");
  return { publicKey, privateKey };
}
