/** The records of a journal's file, read past the program that wrote it. */
import { DatabaseSync } from 'node:sqlite';
import { ask } from './postgres-server.ts';

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

const COLUMNS = 'position, id, lot, public_part, private_part';

export function readJournal(file: string): ReadRecord[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare(`SELECT ${COLUMNS} FROM record ORDER BY position`).all().map(readRecord);
  } finally {
    database.close();
  }
}

/** The same of a journal in PostgreSQL. */
export async function readPostgresJournal(url: string): Promise<ReadRecord[]> {
  return (await ask(url, `SELECT ${COLUMNS} FROM gavel.record ORDER BY position`)).map(readRecord);
}

function readRecord(row: Record<string, unknown>): ReadRecord {
  return {
    position: Number(row['position']),
    id: String(row['id']),
    lot: String(row['lot']),
    public: JSON.parse(textOf(row['public_part'])),
    private: textOf(row['private_part']),
  };
}

function textOf(blob: unknown): string {
  return Buffer.from(blob as Uint8Array).toString();
}
