/** The few numbers that only grow, and the offset of the simulated clock. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { transact } from './transaction.ts';

/** How many of each to leave out; the number of the next revocation list is also greater than `listsBeyond`. */
export interface Jump {
  readonly epochs: number;
  readonly serials: number;
  readonly lists: number;
  readonly listsBeyond: number;
}

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
    return this.#get('clock-offset-ms');
  }

  /** Keeps the offset and begins an epoch, both or neither. Returns the epoch. */
  beginEpoch(offsetMs: number): number {
    return transact(this.#database, () => {
      this.#set('clock-offset-ms', offsetMs);
      return this.#grow('epoch', 1);
    });
  }

  /** The machine's time that was kept last. */
  timeReached(): number {
    return this.#get('time-reached');
  }

  /** Keeps the machine's time. */
  reachTime(at: number): void {
    transact(this.#database, () => this.#set('time-reached', at));
  }

  /** Writes, and leaves everything as it was. Throws 'state-unwritable'. */
  probe(): void {
    transact(this.#database, () => {
      // SQLite does not write what did not change in between.
      this.#grow('epoch', 1);
      this.#grow('epoch', -1);
    });
  }

  /** Leaves out whatever may have been given out elsewhere. Returns what is given out next. For a state that is of the past. */
  jump({ epochs, serials, lists, listsBeyond }: Jump): { readonly epoch: number; readonly nextSerial: number } {
    const epoch = this.#grow('epoch', epochs) + 1;
    const nextSerial = this.#grow('next-free-serial', serials);
    const list = this.#grow('revocation-list', lists);
    if (list < listsBeyond) this.#grow('revocation-list', listsBeyond - list);
    return { epoch, nextSerial };
  }

  #get(name: string): number {
    return (this.#database.prepare('SELECT value FROM numbers WHERE name = ?').get(name) as { value: number }).value;
  }

  #set(name: string, value: number): void {
    this.#database.prepare('UPDATE numbers SET value = ? WHERE name = ?').run(value, name);
  }

  #grow(name: string, by: number): number {
    return transact(this.#database, () => (this.#add.get(by, name) as { value: number }).value);
  }
}
