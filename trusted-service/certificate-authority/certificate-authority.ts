/** The certification authority: who gets a certificate, as what, and for how long; and whose is withdrawn. */
import { ProtocolError } from '../../shared/errors.ts';
import { type CertificationRequest, openCertificationRequest } from '../../shared/pki/certification-request.ts';
import { parseCertificate, type VerifiedCertificate } from '../../shared/pki/verify-certificate.ts';
import type { Clock } from '../../shared/time/clock.ts';
import {
  RevocationProof,
  type RevokeAnswer,
  type RevokeRequest,
  type SignCsrAnswer,
} from '../../shared/wire/http-endpoints.ts';
import { PARTICIPANT_CERTIFICATE_LIFE_MS } from '../../shared/wire/limits.ts';
import { type HouseId, Instant } from '../../shared/wire/vocabulary.ts';
import { type AuditEvent, certificateIssued } from '../audit/audit-event.ts';
import type { AuditTrail } from '../audit/audit-journal.ts';
import { BACKDATING_MS, SERVER_CERTIFICATE_LIFE_MS } from '../own-certificates.ts';
import type { EnrolmentLimits } from '../registration/enrolment-limits.ts';
import type { CertificateRecord, CertificateRecords, IssuedProfile } from '../store/certificate-records.ts';
import type { PossessionProofs } from '../token-issuer/possession-proofs.ts';
import type { Issuer, LeafOrder } from './issuer.ts';
import type { Application, Registry } from './registry.ts';
import type { RevocationPublisher } from './revocation-publisher.ts';

/** A certificate may reach a server whose trusted time is a little behind ours. */
const PARTICIPANT_BACKDATING_MS = 60_000;

export interface NodeApplication {
  readonly hosts: readonly string[];
  readonly house: HouseId;
}

export interface CertificateAuthorityParts {
  readonly issuer: Issuer;
  readonly registry: Registry;
  readonly limits: EnrolmentLimits;
  readonly records: CertificateRecords;
  readonly publisher: RevocationPublisher;
  readonly proofs: PossessionProofs;
  readonly clock: Clock;
  readonly machine: Clock;
  readonly audit: AuditTrail;
}

export class CertificateAuthority {
  readonly #parts: CertificateAuthorityParts;

  constructor(parts: CertificateAuthorityParts) {
    this.#parts = parts;
  }

  /**
   * Enrols the owner of a key under a user name, or renews. A name is taken with the certificate or not at all.
   * `address` is where the request came from.
   * @throws ProtocolError 'csr-invalid' | 'key-revoked' | 'clock-out-of-certificates' | 'too-many-requests', and what
   *   `Registry.enrol` throws
   */
  async certifyParticipant(csr: string, application: Application, address?: string): Promise<SignCsrAnswer> {
    const { registry, clock, limits } = this.#parts;
    // Whoever asks holds the key, and the key asks for this agreement key.
    const { publicKey, agreementKey, subject } = this.#open(csr, 'participant');
    if (agreementKey === undefined) throw new ProtocolError('csr-invalid', 'it asks for no agreement key');
    this.#demandAlive();
    // Who is known already renews, which is not counted.
    const giveBack = registry.find(subject) === undefined ? limits.take(address) : () => {};
    try {
      registry.examine(subject, application);
      const now = clock.now();
      const order = {
        profile: 'participant',
        publicKey,
        agreementKey,
        notBefore: now - PARTICIPANT_BACKDATING_MS,
        notAfter: now + PARTICIPANT_CERTIFICATE_LIFE_MS,
      } as const;
      // Somebody else may have taken the name or the invite while we were signing: both are judged again.
      return await this.#issue(order, 'owner', (record) => registry.enrol(subject, application, record));
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  /**
   * Certifies a DMS node; that the operator asked is for the caller to have checked. Valid on the machine's clock, by
   * which TLS is judged, and on ours, by which sessions are.
   * @throws ProtocolError 'csr-invalid' | 'key-revoked' | 'clock-out-of-certificates'; 'malformed' for a host that is none
   */
  certifyNode(csr: string, { hosts, house }: NodeApplication): Promise<SignCsrAnswer> {
    const { clock, machine } = this.#parts;
    const { publicKey } = this.#open(csr, 'dms-node');
    this.#demandAlive();
    const [now, machineNow] = [clock.now(), machine.now()];
    const order = {
      profile: 'dms-node',
      publicKey,
      hosts,
      house,
      notBefore: Math.min(now, machineNow) - BACKDATING_MS,
      notAfter: Math.max(now, machineNow) + SERVER_CERTIFICATE_LIFE_MS,
    } as const;
    return this.#issue(order, 'operator');
  }

  /**
   * Withdraws a certificate, every other one of its key, and the key itself. The list says so when this returns. A
   * second time changes nothing. `byOperator`: the caller has checked the operator's token.
   * @throws ProtocolError 'not-certificate-owner' | 'not-found' (to the operator alone) | 'proof-…'
   */
  async revoke({ serial, reason, proof }: RevokeRequest, byOperator: boolean): Promise<RevokeAnswer> {
    const { records, publisher, clock, proofs, audit } = this.#parts;
    const record = records.findBySerial(serial);
    const claims = byOperator ? undefined : await this.#demandOwner(record, serial, proof);
    if (record === undefined) throw new ProtocolError('not-found', 'no certificate has this serial');
    const { subject } = record;
    const { revokedAt } = audit.within((tell) => {
      if (claims !== undefined) proofs.spend(subject, claims);
      const former = records.revocationOf(subject);
      if (former !== undefined) return former;
      tell({ type: 'certificate-revoked', by: byOperator ? 'operator' : 'owner', serial, subject, reason });
      return records.revokeKey(subject, { revokedAt: Instant.parse(clock.now()), reason });
    });
    await publisher.renew();
    return { revokedAt };
  }

  #open(csr: string, profile: IssuedProfile): CertificationRequest {
    const { records } = this.#parts;
    const request = openCertificationRequest(csr);
    if (records.revocationOf(request.subject) !== undefined) throw new ProtocolError('key-revoked');
    // One key, one purpose.
    const former = records.newestOf(request.subject);
    if (former !== undefined && former.profile !== profile) {
      throw new ProtocolError('csr-invalid', `the key is certified as ${former.profile}`);
    }
    return request;
  }

  #demandAlive(): void {
    const { issuer, clock } = this.#parts;
    if (!issuer.isAliveAt(clock.now())) throw new ProtocolError('clock-out-of-certificates');
  }

  /** `alongside` belongs to the issue: both are on disk before anybody holds the certificate, or neither is. */
  async #issue(
    order: Omit<LeafOrder<IssuedProfile>, 'at'>,
    by: 'owner' | 'operator',
    alongside: (record: (event: AuditEvent) => void) => void = () => {},
  ): Promise<SignCsrAnswer> {
    const { issuer, records, clock, audit } = this.#parts;
    const certificate: VerifiedCertificate<IssuedProfile> = await issuer.issue({ ...order, at: clock.now() });
    const { pem, subject } = certificate;
    // Another issuing CA may have taken over while we were signing.
    const authority = issuer.authorityOf(certificate);
    audit.within((record) => {
      // The key may have been revoked while we were signing.
      if (records.revocationOf(subject) !== undefined) throw new ProtocolError('key-revoked');
      alongside(record);
      // What is not in the records could not be revoked.
      records.add(certificate, order.profile, authority);
      record(certificateIssued(by, order.profile, certificate, authority));
    });
    return { certificate: pem, chain: [authority.pem], subject };
  }

  /** Whether the serial exists is nobody's business but its owner's: both cases are one refusal. */
  async #demandOwner(
    record: CertificateRecord | undefined,
    serial: string,
    proof: string | undefined,
  ): Promise<RevocationProof> {
    const { proofs } = this.#parts;
    if (record === undefined || proof === undefined) throw new ProtocolError('not-certificate-owner');
    const expected = { typ: 'revocation-proof+jwt', schema: RevocationProof } as const;
    if (proofs.signerOf(proof, expected) !== record.subject) throw new ProtocolError('not-certificate-owner');
    const claims = await proofs.verify(proof, expected, parseCertificate(record.pem));
    if (claims.serial !== serial) throw new ProtocolError('proof-invalid', 'it is about another certificate');
    return claims;
  }
}
