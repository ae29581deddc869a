/** Proofs of possession that were accepted: none of them a second time, restarts or not. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Subject } from '../../shared/wire/vocabulary.ts';
import { transact } from './transaction.ts';

export class SpentProofs {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #forget: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = database.prepare(
      'INSERT INTO spent_proofs (subject, jti, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.#forget = database.prepare('DELETE FROM spent_proofs WHERE expires_at < ?');
  }

  /** Keeps the proof as spent until `expiresAt`. False if it was spent before. */
  spend(subject: Subject, jti: string, expiresAt: number): boolean {
    return this.#insert.run(subject, jti, expiresAt).changes === 1;
  }

  /** Forgets the proofs that are refused for their age anyway. */
  forgetBefore(at: number): void {
    transact(this.#database, () => this.#forget.run(at));
  }
}
