/** The authority's keys in their turns, and every certificate that they ever had. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type Certificate, parseCertificate } from '../../shared/pki/verify-certificate.ts';
import { type KeyState, RotationRole } from '../../shared/wire/key-rotation.ts';

/** A moment on both clocks. */
export interface Moment {
  readonly clock: number;
  readonly machine: number;
}

/** A key's place in the turn of its role. Private keys are files; only what is public is here. */
export interface KeyRecord {
  readonly role: RotationRole;
  /** Counts up from 1, in the order in which keys were made. */
  readonly generation: number;
  readonly kid: string;
  readonly state: KeyState;
  /** When that state began. */
  readonly since: Moment;
}

/** A certificate, and the fingerprint of its issuer's. */
export interface KeptCertificate {
  readonly certificate: Certificate;
  readonly issuer: string;
}

interface KeyRow {
  readonly role: RotationRole;
  readonly generation: number;
  readonly kid: string;
  readonly state: KeyState;
  readonly since_clock: number;
  readonly since_machine: number;
}

export class AuthorityKeyRecords {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #move: StatementSync;
  readonly #insertCertificate: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = database.prepare(
      'INSERT INTO rotating_keys (role, generation, kid, state, since_clock, since_machine) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#move = database.prepare(
      'UPDATE rotating_keys SET state = ?, since_clock = ?, since_machine = ? WHERE role = ? AND generation = ?',
    );
    this.#insertCertificate = database.prepare(
      'INSERT INTO authority_certificates (sha256, role, kid, issuer, pem) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
  }

  /** All keys there ever were, role by role, the oldest first. */
  all(): KeyRecord[] {
    const rows = this.#database.prepare('SELECT * FROM rotating_keys ORDER BY generation').all();
    const records = (rows as unknown as KeyRow[]).map(({ since_clock: clock, since_machine: machine, ...row }) => ({
      ...row,
      since: { clock, machine },
    }));
    return RotationRole.options.flatMap((role) => records.filter((record) => record.role === role));
  }

  add({ role, generation, kid, state, since }: KeyRecord): void {
    this.#insert.run(role, generation, kid, state, since.clock, since.machine);
  }

  move({ role, generation }: KeyRecord, state: KeyState, since: Moment): void {
    this.#move.run(state, since.clock, since.machine, role, generation);
  }

  /** Keeps a certificate for good. A second time changes nothing. */
  keep(role: RotationRole, certificate: Certificate, issuer: Certificate): void {
    const { sha256, subject, pem } = certificate;
    this.#insertCertificate.run(sha256, role, subject, issuer.sha256, pem);
  }

  /** The certificates of a role, the oldest first. */
  certificatesOf(role: RotationRole): KeptCertificate[] {
    const query = 'SELECT pem, issuer FROM authority_certificates WHERE role = ? ORDER BY number';
    const rows = this.#database.prepare(query).all(role) as unknown as { pem: string; issuer: string }[];
    return rows.map(({ pem, issuer }) => ({ certificate: parseCertificate(pem), issuer }));
  }
}
