/** The rows of the audit journal. Rows are added at the end; the database itself refuses every other change. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { canonicalJson } from '../../shared/canonical-json.ts';
import { type AuditHead, type AuditRow, EMPTY_HEAD, extendHead } from '../audit/audit-chain.ts';

/** Rows that are read at a time, so that whoever reads slowly holds nothing back. */
const PAGE = 500;

export class AuditRecords {
  readonly #last: StatementSync;
  readonly #latest: StatementSync;
  readonly #insert: StatementSync;
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#last = database.prepare('SELECT number, hash FROM audit_journal ORDER BY number DESC LIMIT 1');
    this.#latest = database.prepare(
      "SELECT json_extract(event, '$.at') AS at FROM audit_journal ORDER BY number DESC LIMIT 1",
    );
    this.#insert = database.prepare('INSERT INTO audit_journal (number, event, hash) VALUES (?, CAST(? AS TEXT), ?)');
  }

  /** Adds an event at the end. Its place is part of it. */
  append(event: object): void {
    const head = this.head();
    const bytes = canonicalJson({ ...event, number: head.number + 1 });
    const { number, hash } = extendHead(head, bytes);
    this.#insert.run(number, bytes, hash);
  }

  /** The machine's time of the last event, if there is one. */
  latestAt(): number | undefined {
    const row = this.#latest.get() as { at: number | null } | undefined;
    return row?.at ?? undefined;
  }

  head(): AuditHead {
    return (this.#last.get() as AuditHead | undefined) ?? EMPTY_HEAD;
  }

  rows(): Generator<AuditRow> {
    return readAuditRows(this.#database);
  }
}

/** All rows as they are on disk, in order; those that were added meanwhile too. */
export function* readAuditRows(database: DatabaseSync): Generator<AuditRow> {
  // The number as text: a forged one may be larger than numbers are here. The event as the bytes that are stored.
  const columns = 'number, CAST(number AS TEXT) AS place, CAST(event AS BLOB) AS event, CAST(hash AS BLOB) AS hash';
  const page = database.prepare(`SELECT ${columns} FROM audit_journal WHERE number > ? ORDER BY number LIMIT ${PAGE}`);
  page.setReadBigInts(true);
  let after = -(2n ** 63n);
  for (;;) {
    const rows = page.all(after) as unknown as StoredRow[];
    for (const { place, event, hash } of rows) yield { number: place, event, hash };
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.number;
  }
}

interface StoredRow {
  readonly number: bigint;
  readonly place: string;
  readonly event: Uint8Array;
  readonly hash: Uint8Array;
}
