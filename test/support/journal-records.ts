/** The records of a journal's file, read past the program that wrote it. */
import { DatabaseSync } from 'node:sqlite';

export interface ReadRecord {
  readonly position: number;
  readonly id: string;
  readonly lot: string;
  /** The public part. */
  // biome-ignore lint/suspicious/noExplicitAny: the form is the journal's own, and the tests look at single members
  readonly public: any;
  /** The private part, as text. */
  readonly private: string;
}

export function readJournal(file: string): ReadRecord[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = database
      .prepare('SELECT position, id, lot, public_part, private_part FROM record ORDER BY position')
      .all();
    return rows.map((row) => ({
      position: Number(row['position']),
      id: String(row['id']),
      lot: String(row['lot']),
      public: JSON.parse(textOf(row['public_part'])),
      private: textOf(row['private_part']),
    }));
  } finally {
    database.close();
  }
}

function textOf(blob: unknown): string {
  return Buffer.from(blob as Uint8Array).toString();
}
