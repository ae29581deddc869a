/**
 * The authority's keys that take turns. What is told to the disk is told first: every change is one transaction, with its
 * word in the audit journal, before anybody sees it.
 */
import type { P256KeyPair } from '../../shared/crypto/ecdsa.ts';
import { jwkThumbprint } from '../../shared/crypto/jwk-thumbprint.ts';
import { createJwsSigner } from '../../shared/crypto/jws.ts';
import { invariant } from '../../shared/invariant.ts';
import type { Certificate } from '../../shared/pki/certificate.ts';
import { StartError } from '../../shared/start-error.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { type KeyState, RotationRole } from '../../shared/wire/key-rotation.ts';
import { certificateIssued } from '../audit/audit-event.ts';
import type { AuditTrail } from '../audit/audit-journal.ts';
import { type AuthorityKeys, type KeyName, loadKey } from '../authority-keys.ts';
import type { AuthorityKeyRecords, KeyRecord, Moment } from '../store/authority-key-records.ts';
import type { CertificateArchive } from './certificate-archive.ts';
import { destroyKey, destroyOtherKeys, keyName, writeCertificate, writeKey } from './key-files.ts';
import type { SignerKey } from './signer-key.ts';

/** On whose word a key takes its next place. */
export type RotatedBy = 'service' | 'operator';

/** A key that is not retired. */
export interface RotatingKey extends KeyRecord {
  readonly name: KeyName;
  /** The public key is always there, the private one as long as it is needed. */
  readonly keys: Pick<P256KeyPair, 'publicKey'> & Partial<P256KeyPair>;
  /** Since when this process has published it, on the monotonic clock. */
  readonly publishedAt: number;
}

export interface KeyRingParts {
  readonly keys: AuthorityKeys;
  readonly records: AuthorityKeyRecords;
  readonly archive: CertificateArchive;
  readonly audit: AuditTrail;
  readonly clock: Clock;
  readonly machine: Clock;
}

/** The names of the keys in use, for loading them; those of the first keys where no record says otherwise. */
export function namesInUse(records: AuthorityKeyRecords): Readonly<Record<RotationRole, KeyName>> {
  const inUse = records.all().filter(({ state }) => state === 'current');
  const nameOf = (wanted: RotationRole) => keyName(wanted, inUse.find(({ role }) => role === wanted)?.generation ?? 1);
  return {
    'token-signer': nameOf('token-signer'),
    'timestamp-signer': nameOf('timestamp-signer'),
    'issuing-ca': nameOf('issuing-ca'),
  };
}

export class KeyRing {
  readonly #parts: KeyRingParts;
  #keys: readonly RotatingKey[] = [];
  #signers: readonly SignerKey[] = [];

  private constructor(parts: KeyRingParts) {
    this.#parts = parts;
  }

  /**
   * Loads the keys that the records know; the first ones are entered. Private keys that no record needs are removed: a
   * crash left them. Throws `StartError` where one that is needed is missing.
   */
  static load(parts: KeyRingParts): KeyRing {
    const ring = new KeyRing(parts);
    ring.#enterFirst();
    const records = parts.records.all().filter(({ state }) => state !== 'retired');
    destroyOtherKeys(parts.keys.folder, records.filter(hasPrivateKey));
    ring.#replace(records.map((record) => ring.#read(record)));
    return ring;
  }

  /** Those of a role that are not retired, the oldest first. */
  of(role: RotationRole): readonly RotatingKey[] {
    return this.#keys.filter((key) => key.role === role);
  }

  inState(role: RotationRole, state: KeyState): RotatingKey | undefined {
    return this.#keys.find((key) => key.role === role && key.state === state);
  }

  /** The signers' keys that are published. */
  signers(): readonly SignerKey[] {
    return this.#signers;
  }

  /** Writes a new key down as `next` with its certificate, or as `wanted` without one. */
  add(
    role: RotationRole,
    keys: P256KeyPair,
    issued: { certificate: Certificate; issuer: Certificate } | undefined,
    by: RotatedBy,
  ): RotatingKey {
    const { folder } = this.#parts.keys;
    const generation = this.#nextGeneration(role);
    const name = keyName(role, generation);
    writeKey(folder, name, keys);
    if (issued !== undefined) writeCertificate(folder, name, issued.certificate);
    const state = issued === undefined ? 'wanted' : 'next';
    const record = { role, generation, kid: jwkThumbprint(keys.publicKey), state, since: this.#now() } as const;
    this.#parts.audit.within((tell) => {
      this.#parts.records.add(record);
      if (issued !== undefined) this.#keep(role, issued, by, tell);
      tell({ type: 'key-rotated', by, role, kid: record.kid, state });
    });
    const key = { ...record, name, keys, publishedAt: this.#parts.machine.monotonic() };
    this.#replace([...this.#keys, key]);
    return key;
  }

  /** A wanted key has its certificate and is the next. */
  certify(wanted: RotatingKey, issued: { certificate: Certificate; issuer: Certificate }, by: RotatedBy): void {
    writeCertificate(this.#parts.keys.folder, wanted.name, issued.certificate);
    this.#move([[wanted, 'next']], by, (tell) => this.#keep(wanted.role, issued, by, tell));
  }

  /** The next key is in use from now on, and the one that was is the last. */
  promote(next: RotatingKey, by: RotatedBy): void {
    const former = this.inState(next.role, 'current');
    // The one in use goes first: there are never two.
    this.#move([...(former === undefined ? [] : [[former, 'last'] as const]), [next, 'current']], by);
    if (former !== undefined && !hasPrivateKey({ ...former, state: 'last' })) this.#destroy(former);
  }

  /** The key leaves the key set. */
  retire(key: RotatingKey, by: RotatedBy): void {
    this.#move([[key, 'retired']], by);
    this.#destroy(key);
  }

  #destroy({ name }: RotatingKey): void {
    destroyKey(this.#parts.keys.folder, name);
  }

  #keep(
    role: RotationRole,
    { certificate, issuer }: { certificate: Certificate; issuer: Certificate },
    by: RotatedBy,
    tell: Parameters<Parameters<AuditTrail['within']>[0]>[0],
  ): void {
    tell(certificateIssued(by, role, certificate, issuer));
    this.#parts.archive.keep(role, certificate, issuer);
  }

  #move(
    moves: readonly (readonly [RotatingKey, KeyState])[],
    by: RotatedBy,
    alongside: (tell: Parameters<Parameters<AuditTrail['within']>[0]>[0]) => void = () => {},
  ): void {
    const { audit, records, machine } = this.#parts;
    const since = this.#now();
    audit.within((tell) => {
      for (const [key, state] of moves) {
        records.move(key, state, since);
        tell({ type: 'key-rotated', by, role: key.role, kid: key.kid, state });
      }
      alongside(tell);
    });
    const states = new Map(moves.map(([{ kid }, state]) => [kid, state]));
    const moved = this.#keys.map((key) => {
      const state = states.get(key.kid);
      return state === undefined ? key : forget({ ...key, state, since, publishedAt: machine.monotonic() });
    });
    this.#replace(moved.filter(({ state }) => state !== 'retired'));
  }

  /** Keys from before there were turns, and those of a first start. */
  #enterFirst(): void {
    const { records, archive, audit, keys } = this.#parts;
    const known = new Set(records.all().map(({ role }) => role));
    const first = { ...keys.own, 'issuing-ca': keys.issuer.keys };
    const since = this.#now();
    audit.within(() => {
      for (const role of RotationRole.options.filter((each) => !known.has(each))) {
        const kid = jwkThumbprint(first[role].publicKey);
        records.add({ role, generation: 1, kid, state: 'current', since });
        if (role === 'issuing-ca') archive.keep(role, keys.issuer.certificate, keys.root);
      }
    });
  }

  #read(record: KeyRecord): RotatingKey {
    const { keys, machine } = this.#parts;
    const name = keyName(record.role, record.generation);
    const publishedAt = machine.monotonic();
    if (!hasPrivateKey(record)) return { ...record, name, keys: this.#publicKeyOf(record), publishedAt };
    const loaded = loadKey(keys.folder, name);
    if (loaded === undefined || jwkThumbprint(loaded.publicKey) !== record.kid) {
      throw new StartError(`The key '${name}' is missing or another one; restore the whole folder from one backup.`);
    }
    return { ...record, name, keys: loaded, publishedAt };
  }

  #publicKeyOf({ role, kid }: KeyRecord): Pick<P256KeyPair, 'publicKey'> {
    const kept = this.#parts.records.certificatesOf(role).find(({ certificate }) => certificate.subject === kid);
    invariant(kept !== undefined, 'a key that was in use has a certificate in the archive');
    return { publicKey: kept.certificate.publicKey };
  }

  #replace(keys: readonly RotatingKey[]): void {
    this.#keys = keys;
    this.#signers = keys.flatMap(({ role, name, state, keys: { publicKey, privateKey } }) => {
      if (role === 'issuing-ca') return [];
      const isInUse = state === 'current' && privateKey !== undefined;
      return [{ role, name, publicKey, signer: isInUse ? createJwsSigner({ publicKey, privateKey }) : undefined }];
    });
  }

  #nextGeneration(role: RotationRole): number {
    const made = this.#parts.records.all().filter((record) => record.role === role);
    return 1 + Math.max(0, ...made.map(({ generation }) => generation));
  }

  #now(): Moment {
    const { clock, machine } = this.#parts;
    return { clock: clock.now(), machine: machine.now() };
  }
}

/** An issuing CA that issues no more still signs its revocation list. */
function hasPrivateKey({ role, state }: Pick<KeyRecord, 'role' | 'state'>): boolean {
  return state !== 'retired' && (state !== 'last' || role === 'issuing-ca');
}

/** Drops a private key that is not needed any more. */
function forget(key: RotatingKey): RotatingKey {
  return hasPrivateKey(key) ? key : { ...key, keys: { publicKey: key.keys.publicKey } };
}
