/** The invites that were made, and who came by which. Of their codes there are digests alone. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Subject } from '../../shared/wire/vocabulary.ts';

export interface NewInvite {
  /** SHA-256 of the code. */
  readonly codeHash: Uint8Array;
  readonly madeAt: number;
  readonly expiresAt: number;
  /** The operator's own words. */
  readonly note: string | undefined;
}

export interface Invite {
  readonly number: number;
  readonly expiresAt: number;
  readonly isSpent: boolean;
}

export class InviteRecords {
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  readonly #spend: StatementSync;
  readonly #endOpen: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      'INSERT INTO invites (code_hash, made_at, expires_at, note) VALUES (?, ?, ?, ?) RETURNING number',
    );
    this.#find = database.prepare('SELECT number, expires_at, spent_at FROM invites WHERE code_hash = ?');
    this.#spend = database.prepare(
      'UPDATE invites SET spent_at = ?, spent_by = ? WHERE number = ? AND spent_at IS NULL',
    );
    this.#endOpen = database.prepare('UPDATE invites SET expires_at = ? WHERE spent_at IS NULL AND expires_at > ?');
  }

  /** Returns its number: 1, 2, 3, … and none twice. */
  add({ codeHash, madeAt, expiresAt, note }: NewInvite): number {
    return (this.#insert.get(codeHash, madeAt, expiresAt, note ?? null) as { number: number }).number;
  }

  find(codeHash: Uint8Array): Invite | undefined {
    const row = this.#find.get(codeHash) as Row | undefined;
    if (row === undefined) return undefined;
    return { number: row.number, expiresAt: row.expires_at, isSpent: row.spent_at !== null };
  }

  /** Ends every invite that could still be used. Returns how many there were. */
  endOpen(at: number): number {
    return Number(this.#endOpen.run(at, at).changes);
  }

  /** False if it was spent before. */
  spend(number: number, by: Subject, at: number): boolean {
    return this.#spend.run(at, by, number).changes === 1;
  }
}

interface Row {
  readonly number: number;
  readonly expires_at: number;
  readonly spent_at: number | null;
}
