/** One bot in a home: a lock that the operating system lets go when the process ends, however it ends. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ClientError } from '../client-error.ts';
import { openPrivateDirectory, openPrivateLog } from '../identity/private-files.ts';

/** Two bots of one participant would bid against each other, and neither would know what the other is bound to. */
export class HomeLock {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Throws `bot-running` at once. */
  static async take(folder: string): Promise<HomeLock> {
    await openPrivateDirectory(folder);
    const path = join(folder, 'lock');
    await (await openPrivateLog(path)).close();
    const database = new DatabaseSync(path, { timeout: 0 });
    try {
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    } catch (cause) {
      database.close();
      // Whatever else may be wrong with an empty file, without the lock no bot may run.
      throw new ClientError('bot-running', path, { cause });
    }
    return new HomeLock(database);
  }

  release(): void {
    this.#database.close();
  }
}
