/** What must outlast the process, in one SQLite file that one process at a time may write. */
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from '../../shared/start-error.ts';
import { AuditRecords } from './audit-records.ts';
import { AuthorityKeyRecords } from './authority-key-records.ts';
import { CertificateRecords } from './certificate-records.ts';
import { DisclosureRecords } from './disclosure-records.ts';
import { InviteRecords } from './invite-records.ts';
import { MIGRATIONS } from './migrations.ts';
import { Numbers } from './numbers.ts';
import { ParticipantRecords } from './participant-records.ts';
import { SpentProofs } from './spent-proofs.ts';
import { transact } from './transaction.ts';
import { WitnessRecords } from './witness-records.ts';

/** The database's file in the folder. */
export const STORE_FILE = 'trusted-service.db';
const LOCK = 'trusted-service.lock';
/** SQLITE_BUSY: somebody else holds the lock. */
const BUSY = 5;

/** The records, by what they are about. Every write is on disk when its call returns. */
export interface Store {
  readonly participants: ParticipantRecords;
  readonly certificates: CertificateRecords;
  readonly proofs: SpentProofs;
  readonly disclosures: DisclosureRecords;
  readonly numbers: Numbers;
  readonly invites: InviteRecords;
  readonly audit: AuditRecords;
  readonly authorityKeys: AuthorityKeyRecords;
  readonly witness: WitnessRecords;
  /** Runs `work` so that all of its writes are on disk when this returns, or, if it throws, none. */
  transaction<Result>(work: () => Result): Result;
  /** Throws if the file can't be written just now. */
  probe(): void;
  close(): void;
}

/** Opens the store in this folder, or makes it. Throws `StartError` if another process has it, or a newer version made it. */
export function loadStore(folder: string): Store {
  const lock = takeLock(join(folder, LOCK));
  const database = openPrivate(join(folder, STORE_FILE));
  const close = () => {
    database.close();
    lock.close();
  };
  try {
    // FULL: a commit has reached the disk when it returns; with WAL alone it would only reach the operating system.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    migrate(database);
    return {
      participants: new ParticipantRecords(database),
      certificates: new CertificateRecords(database),
      proofs: new SpentProofs(database),
      disclosures: new DisclosureRecords(database),
      numbers: new Numbers(database),
      invites: new InviteRecords(database),
      audit: new AuditRecords(database),
      authorityKeys: new AuthorityKeyRecords(database),
      witness: new WitnessRecords(database),
      transaction: (work) => transact(database, work),
      probe: () => database.exec('BEGIN IMMEDIATE; ROLLBACK'),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** An open transaction on a file of its own: gone with the process, however it ends, and no bar to readers of the store. */
function takeLock(path: string): DatabaseSync {
  const lock = openPrivate(path);
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === BUSY) {
      throw new StartError(
        `Another Trusted Service works with ${path}; stop it, or give this one a GAVEL_HOME of its own.`,
        { cause: error },
      );
    }
    throw error;
  }
}

/** Whether a process works with the store in this folder just now. */
export function isStoreInUse(folder: string): boolean {
  const path = join(folder, LOCK);
  if (!existsSync(path)) return false;
  try {
    takeLock(path).close();
    return false;
  } catch (error) {
    if (error instanceof StartError) return true;
    throw error;
  }
}

function openPrivate(path: string): DatabaseSync {
  // SQLite gives its side files the mode of this one.
  closeSync(openSync(path, 'a', 0o600));
  return new DatabaseSync(path, { timeout: 0 });
}

function migrate(database: DatabaseSync): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > MIGRATIONS.length) {
    throw new StartError('The state was written by a newer version of the Trusted Service; start that version.');
  }
  MIGRATIONS.slice(version).forEach((step, index) => {
    database.exec(`BEGIN; ${step}; PRAGMA user_version = ${version + index + 1}; COMMIT`);
  });
}
