/** The few numbers that only grow, and the offset of the simulated clock. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { transact } from './transaction.ts';

export class Numbers {
  readonly #database: DatabaseSync;
  readonly #add: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#add = database.prepare('UPDATE numbers SET value = value + ? WHERE name = ? RETURNING value');
  }

  /** Reserves `count` serials for ever and returns the first of them. */
  reserveSerials(count: number): number {
    return this.#grow('next-free-serial', count) - count;
  }

  /** The number for the next revocation list. */
  nextRevocationList(): number {
    return this.#grow('revocation-list', 1);
  }

  /** The offset that was kept last. */
  clockOffsetMs(): number {
    const row = this.#database.prepare("SELECT value FROM numbers WHERE name = 'clock-offset-ms'").get();
    return (row as { value: number }).value;
  }

  /** Keeps the offset and begins an epoch, both or neither. Returns the epoch. */
  beginEpoch(offsetMs: number): number {
    return transact(this.#database, () => {
      this.#database.prepare("UPDATE numbers SET value = ? WHERE name = 'clock-offset-ms'").run(offsetMs);
      return this.#grow('epoch', 1);
    });
  }

  /** Writes, and changes nothing. Throws 'state-unwritable'. */
  probe(): void {
    this.#grow('epoch', 0);
  }

  #grow(name: string, by: number): number {
    return transact(this.#database, () => (this.#add.get(by, name) as { value: number }).value);
  }
}
