/** The journal's tables, and the way from each version of them to the next. */
import type { DatabaseSync } from 'node:sqlite';
import { ProtocolError } from '../../shared/errors.ts';
import { isSqliteError, SQLITE_CORRUPT, SQLITE_NOTADB } from './sqlite-files.ts';

/** `PRAGMA application_id`: "GVLJ". */
const APPLICATION_ID = 0x47_56_4c_4a;

/** `user_version` n is what the first n of these made. Never edited, only added to. */
const MIGRATIONS = [
  `CREATE TABLE house (
     only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
     id TEXT NOT NULL
   ) STRICT;
   CREATE TABLE record (
     position INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     lot TEXT NOT NULL,
     version INTEGER NOT NULL,
     public_part BLOB NOT NULL,
     commitment BLOB NOT NULL,
     salt BLOB NOT NULL,
     private_part BLOB NOT NULL,
     UNIQUE (lot, version)
   ) STRICT;
   CREATE TRIGGER record_is_never_changed BEFORE UPDATE ON record
     BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
   CREATE TRIGGER record_is_never_deleted BEFORE DELETE ON record
     BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;`,
  `CREATE TABLE seal (
     page INTEGER PRIMARY KEY,
     digest BLOB NOT NULL
   ) STRICT;
   CREATE TRIGGER seal_is_never_changed BEFORE UPDATE ON seal
     BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
   CREATE TRIGGER seal_is_never_deleted BEFORE DELETE ON seal
     BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;`,
];

/** The version that this program writes. */
export const JOURNAL_VERSION: number = MIGRATIONS.length;

/**
 * Pages of the write-ahead log, 32 MB, from which on a commit itself moves it into the file. `checkpointer.ts` does it long
 * before; this is for where it can not.
 */
const LOG_PAGES = 8_000;

/**
 * Sets the connection to durable commits and brings the tables up to date. Throws `journal-foreign` for a file that is
 * something else, `journal-too-new` for one that a later version wrote, `journal-damaged` for one that can't be read.
 */
export function prepareDatabase(database: DatabaseSync): void {
  try {
    verifyOurs(database);
    // FULL: the write-ahead log is synced in every commit. `fullfsync` says so to the disk itself where macOS would not.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON');
    database.exec(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}`);
    database.exec('PRAGMA checkpoint_fullfsync = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON');
    migrate(database);
  } catch (error) {
    if (isSqliteError(error, SQLITE_NOTADB))
      throw new ProtocolError('journal-foreign', 'not an SQLite database', { cause: error });
    if (isSqliteError(error, SQLITE_CORRUPT)) throw new ProtocolError('journal-damaged', undefined, { cause: error });
    throw error;
  }
}

function verifyOurs(database: DatabaseSync): void {
  const tables = numberFrom(database, 'SELECT count(*) AS value FROM sqlite_schema');
  if (tables === 0) return;
  if (numberFrom(database, 'SELECT application_id AS value FROM pragma_application_id') !== APPLICATION_ID)
    throw new ProtocolError('journal-foreign', 'a database of another program');
  if (versionOf(database) > JOURNAL_VERSION)
    throw new ProtocolError('journal-too-new', `version ${versionOf(database)}, known are ${JOURNAL_VERSION}`);
}

function migrate(database: DatabaseSync): void {
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < versionOf(database)) continue;
    database.exec(`BEGIN IMMEDIATE; ${sql}
      PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
}

/** Which of its versions a journal is. */
export function versionOf(database: DatabaseSync): number {
  return numberFrom(database, 'SELECT user_version AS value FROM pragma_user_version');
}

function numberFrom(database: DatabaseSync, sql: string): number {
  return Number(database.prepare(sql).get()?.['value']);
}
