/** The certificates that were issued, and the keys that were revoked. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ProfileName } from '../../shared/pki/certificate-profile.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import type { RevocationReason } from '../../shared/wire/http-endpoints.ts';
import type { CertificatePem, Instant, Subject } from '../../shared/wire/vocabulary.ts';

/** What is issued to others. */
export type IssuedProfile = Extract<ProfileName, 'participant' | 'dms-node'>;

export interface CertificateRecord {
  readonly subject: Subject;
  readonly profile: IssuedProfile;
  readonly pem: CertificatePem;
}

/** A key's revocation: it counts for every certificate that the key ever had. */
export interface KeyRevocation {
  readonly revokedAt: Instant;
  readonly reason: RevocationReason;
}

export interface RevokedCertificate extends KeyRevocation {
  readonly serialHex: string;
}

const COLUMNS = 'subject, profile, pem';

export class CertificateRecords {
  readonly #insert: StatementSync;
  readonly #bySerial: StatementSync;
  readonly #newest: StatementSync;
  readonly #revokeKey: StatementSync;
  readonly #revocation: StatementSync;
  readonly #revoked: StatementSync;
  readonly #keepRevoked: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      'INSERT INTO certificates (serial, issuer, not_after, subject, profile, pem) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#bySerial = database.prepare(`SELECT ${COLUMNS} FROM certificates WHERE serial = ?`);
    this.#newest = database.prepare(
      `SELECT ${COLUMNS} FROM certificates WHERE subject = ? ORDER BY number DESC LIMIT 1`,
    );
    this.#revokeKey = database.prepare(
      'INSERT INTO revoked_keys (subject, revoked_at, reason) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.#revocation = database.prepare('SELECT revoked_at, reason FROM revoked_keys WHERE subject = ?');
    this.#revoked = database.prepare(
      `SELECT serial, revoked_at, reason FROM (
         SELECT number, serial, revoked_at, reason FROM revoked_keys JOIN certificates USING (subject)
           WHERE issuer = ?1 AND not_after >= ?2
         UNION ALL SELECT 0, serial, revoked_at, reason FROM revoked_serials WHERE issuer = ?1
       ) ORDER BY number, serial`,
    );
    this.#keepRevoked = database.prepare(
      'INSERT INTO revoked_serials (issuer, serial, revoked_at, reason) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
  }

  add(certificate: Certificate, profile: IssuedProfile, issuer: Certificate): void {
    const { serialHex, subject, notAfter, pem } = certificate;
    this.#insert.run(serialHex, issuer.sha256, notAfter, subject, profile, pem);
  }

  findBySerial(serialHex: string): CertificateRecord | undefined {
    return this.#bySerial.get(serialHex) as CertificateRecord | undefined;
  }

  /** The certificate that this key was given last. */
  newestOf(subject: Subject): CertificateRecord | undefined {
    return this.#newest.get(subject) as CertificateRecord | undefined;
  }

  /** Revokes a key for ever. A second time changes nothing. Returns the revocation that stands. */
  revokeKey(subject: Subject, { revokedAt, reason }: KeyRevocation): KeyRevocation {
    this.#revokeKey.run(subject, revokedAt, reason);
    return this.revocationOf(subject) ?? { revokedAt, reason };
  }

  revocationOf(subject: Subject): KeyRevocation | undefined {
    const row = this.#revocation.get(subject) as { revoked_at: Instant; reason: RevocationReason } | undefined;
    return row === undefined ? undefined : { revokedAt: row.revoked_at, reason: row.reason };
  }

  /** Keeps a certificate that we do not know on the lists of its issuer. */
  keepRevoked(issuer: Certificate, serialHex: string, { revokedAt, reason }: KeyRevocation): void {
    this.#keepRevoked.run(issuer.sha256, serialHex, revokedAt, reason);
  }

  /** This issuer's revoked certificates that end at `since` or later, and those of which we know no more than that. */
  revokedUnder(issuer: Certificate, since: number): RevokedCertificate[] {
    const rows = this.#revoked.all(issuer.sha256, since) as unknown as RevokedRow[];
    return rows.map(({ serial, revoked_at, reason }) => ({ serialHex: serial, revokedAt: revoked_at, reason }));
  }
}

interface RevokedRow {
  readonly serial: string;
  readonly revoked_at: Instant;
  readonly reason: RevocationReason;
}
