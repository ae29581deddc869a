/** The journal's SQL: synchronous, so it lives in a worker thread and a slow disk holds up nobody else. */
import { existsSync, realpathSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { ProtocolError } from '../../shared/errors.ts';
import { InvariantViolation } from '../../shared/invariant.ts';
import type { HouseId, Position } from '../../shared/wire/vocabulary.ts';
import { Anchor } from './anchor.ts';
import type { Entry, Head, Outcome, Recorded } from './journal.ts';
import { Seals } from './seals.ts';
import { createPrivateFile, isSqliteError, SQLITE_CORRUPT } from './sqlite-files.ts';
import { COLUMNS, recordedFrom } from './sqlite-rows.ts';
import { prepareDatabase } from './sqlite-schema.ts';
import { WriterLock } from './writer-lock.ts';

/** How long a commit waits for a stranger who holds the file, such as a checkpoint from the `sqlite3` shell. */
const BUSY_MS = 5_000;
/** Records at the end that are looked at on opening; the fold reads all of them anyway. */
const TAIL = 512;

/** One open journal file. Every method but `close` is unusable after one of them has thrown. */
export class SqliteStore {
  readonly #lock: WriterLock;
  readonly #database: DatabaseSync;
  readonly #house: HouseId;
  readonly #seals: Seals;
  readonly #anchor: Anchor;
  readonly #statements: ReturnType<typeof prepareStatements>;
  #position: Position;

  /** Opens or makes the journal in `path`. A new one becomes that of `newHouse`; one that is there keeps its own house. */
  static open(path: string, newHouse: HouseId): SqliteStore {
    const file = existsSync(path) ? realpathSync(path) : path;
    const lock = WriterLock.take(file);
    try {
      createPrivateFile(file);
      return new SqliteStore(file, newHouse, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  private constructor(file: string, newHouse: HouseId, lock: WriterLock) {
    this.#lock = lock;
    this.#database = new DatabaseSync(file, { timeout: BUSY_MS });
    try {
      prepareDatabase(this.#database);
      this.#house = houseOf(this.#database, newHouse);
      this.#statements = prepareStatements(this.#database);
      this.#position = verifyTail(this.#database);
      this.#seals = sealRest(this.#database, this.#position);
      this.#anchor = Anchor.open(`${file}.anchor`, this.#house, this.#position, this.#seals);
    } catch (error) {
      this.#database.close();
      throw isDamage(error) ? new ProtocolError('journal-damaged', error.message, { cause: error }) : error;
    }
  }

  head(): Head {
    return { house: this.#house, position: this.#position };
  }

  append(batch: readonly Entry[]): Outcome[] {
    this.#database.exec('BEGIN IMMEDIATE');
    const refused = new Set<string>();
    let position = this.#position;
    const outcomes = batch.map((entry) => {
      const outcome = this.#appendOne(entry, position, refused);
      if (outcome.ok) position = outcome.position;
      else refused.add(entry.id);
      return outcome;
    });
    this.#database.exec('COMMIT');
    this.#position = position;
    this.#anchor.advance(position, this.#seals.now());
    return outcomes;
  }

  read(after: Position, limit: number): Recorded[] {
    return this.#statements.read.all(after, limit).map(recordedFrom);
  }

  find(id: string): Recorded | undefined {
    const row = this.#statements.find.get(id);
    return row && recordedFrom(row);
  }

  /** Moves what the write-ahead log holds into the file, as far as nobody else does. Durable is all of it already. */
  moveLog(): void {
    this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  }

  close(): void {
    this.#database.close();
    this.#anchor.close();
    this.#lock.release();
  }

  #appendOne({ id, lot, expect, buildsOn, record }: Entry, after: Position, refused: ReadonlySet<string>): Outcome {
    const already = this.#statements.positionOf.get(id);
    if (already !== undefined)
      return { ok: false, why: 'duplicate', position: Number(already['position']) as Position };
    const version = Number(this.#statements.versionOf.get(lot)?.['version']);
    const isBaseless = buildsOn !== undefined && refused.has(buildsOn);
    if (isBaseless || version !== expect) return { ok: false, why: 'conflict', version };
    const { publicPart, commitment, salt, privatePart } = record;
    const position = (after + 1) as Position;
    this.#statements.insert.run(position, id, lot, version + 1, publicPart, commitment, salt, privatePart);
    this.#seals.add({ position, id, lot, version: version + 1, record });
    return { ok: true, position, version: version + 1 };
  }
}

function prepareStatements(
  database: DatabaseSync,
): Record<'insert' | 'positionOf' | 'versionOf' | 'read' | 'find', StatementSync> {
  return {
    insert: database.prepare(`INSERT INTO record (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
    positionOf: database.prepare('SELECT position FROM record WHERE id = ?'),
    versionOf: database.prepare('SELECT coalesce(max(version), 0) AS version FROM record WHERE lot = ?'),
    read: database.prepare(`SELECT ${COLUMNS} FROM record WHERE position > ? ORDER BY position LIMIT ?`),
    find: database.prepare(`SELECT ${COLUMNS} FROM record WHERE id = ?`),
  };
}

function houseOf(database: DatabaseSync, newHouse: HouseId): HouseId {
  database.prepare('INSERT OR IGNORE INTO house (only_row, id) VALUES (1, ?)').run(newHouse);
  return String(database.prepare('SELECT id FROM house').get()?.['id']) as HouseId;
}

/** Whether it is what is read that is wrong, and not that it could not be read. */
function isDamage(error: unknown): error is Error {
  return error instanceof InvariantViolation || isSqliteError(error, SQLITE_CORRUPT);
}

/** In one transaction: of the seals of a page, only the last one is missing at most, unless an earlier version wrote it all. */
function sealRest(database: DatabaseSync, head: Position): Seals {
  database.exec('BEGIN IMMEDIATE');
  const seals = new Seals(database, head);
  database.exec('COMMIT');
  return seals;
}

/** The last position; throws `journal-damaged` if there is a gap before it. */
function verifyTail(database: DatabaseSync): Position {
  const head = Number(database.prepare('SELECT coalesce(max(position), 0) AS head FROM record').get()?.['head']);
  const from = Math.max(0, head - TAIL);
  const row = database.prepare('SELECT count(*) AS count FROM record WHERE position > ?').get(from);
  if (Number(row?.['count']) !== head - from) throw new ProtocolError('journal-damaged', `a gap before ${head}`);
  return head as Position;
}
