/** Who is who: the one place that knows names. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Subject } from '../../shared/wire/vocabulary.ts';

export interface Participant {
  readonly subject: Subject;
  readonly username: string;
  readonly foldedUsername: string;
  readonly contact: string | undefined;
}

interface Row {
  readonly subject: string;
  readonly username: string;
  readonly folded_username: string;
  readonly contact: string | null;
}

const COLUMNS = 'subject, username, folded_username, contact';

export class ParticipantRecords {
  readonly #bySubject: StatementSync;
  readonly #byName: StatementSync;
  readonly #insert: StatementSync;
  readonly #setContact: StatementSync;

  constructor(database: DatabaseSync) {
    this.#bySubject = database.prepare(`SELECT ${COLUMNS} FROM participants WHERE subject = ?`);
    this.#byName = database.prepare(`SELECT ${COLUMNS} FROM participants WHERE folded_username = ?`);
    this.#insert = database.prepare(`INSERT INTO participants (${COLUMNS}, enrolled_at) VALUES (?, ?, ?, ?, ?)`);
    this.#setContact = database.prepare('UPDATE participants SET contact = ? WHERE subject = ?');
  }

  find(subject: Subject): Participant | undefined {
    return participantOf(this.#bySubject.get(subject));
  }

  findByName(foldedUsername: string): Participant | undefined {
    return participantOf(this.#byName.get(foldedUsername));
  }

  /** The caller has seen that neither key nor name is there: nothing else runs between two calls of this process. */
  add({ subject, username, foldedUsername, contact }: Participant, enrolledAt: number): void {
    this.#insert.run(subject, username, foldedUsername, contact ?? null, enrolledAt);
  }

  setContact(subject: Subject, contact: string | undefined): void {
    this.#setContact.run(contact ?? null, subject);
  }
}

function participantOf(row: unknown): Participant | undefined {
  if (row === undefined) return undefined;
  const { subject, username, folded_username: foldedUsername, contact } = row as Row;
  return { subject: subject as Subject, username, foldedUsername, contact: contact ?? undefined };
}
