/** One writer: a lock that the operating system lets go when the process ends, however it ends. */
import { DatabaseSync } from 'node:sqlite';
import { ProtocolError } from '../../shared/errors.ts';
import { createPrivateFile, isSqliteError, SQLITE_BUSY } from './sqlite-files.ts';

/**
 * Held as an exclusive transaction on an empty database of its own, not on the journal: so that others may still read
 * the journal (a backup, an operator with `sqlite3`) while nobody else may write it.
 */
export class WriterLock {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Takes the lock beside `journal`, or throws `journal-locked` at once. */
  static take(journal: string): WriterLock {
    const path = `${journal}.lock`;
    createPrivateFile(path);
    const database = new DatabaseSync(path, { timeout: 0 });
    try {
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    } catch (error) {
      database.close();
      if (isSqliteError(error, SQLITE_BUSY)) throw new ProtocolError('journal-locked', journal, { cause: error });
      throw error;
    }
    return new WriterLock(database);
  }

  release(): void {
    this.#database.close();
  }
}
