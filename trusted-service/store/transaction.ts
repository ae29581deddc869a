/** All or nothing. */
import type { DatabaseSync } from 'node:sqlite';
import { demandWritten } from './write-failure.ts';

/**
 * Runs `work` in one transaction: on disk when this returns, undone if it throws. Inside of another it is part of that.
 * Throws 'state-unwritable' where the disk does not take it.
 */
export function transact<Result>(database: DatabaseSync, work: () => Result): Result {
  if (database.isTransaction) return work();
  return demandWritten(() => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk has undone it already.
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  });
}
