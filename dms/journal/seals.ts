/**
 * Seals: digests over all bytes of the journal, each over 1 024 records and the seal before it, made when the records are
 * committed. SQLite does not notice a bit that flips inside of a value, and the fold notices few; against its seals,
 * a journal is checked as quickly as the disk reads it, since each seal can be checked by itself.
 */
import { createHash, type Hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { ProtocolError } from '../../shared/errors.ts';
import { invariant } from '../../shared/invariant.ts';
import type { Position } from '../../shared/wire/vocabulary.ts';
import type { Recorded } from './journal.ts';

/** Records under one seal. */
export const SEALED = 1_024;
/** What stands before the first seal. */
const NOTHING = new Uint8Array(32);

/**
 * The bytes of a row that are sealed: all that is kept of a record, with the lengths before the parts, so that no other
 * record has the same ones. Put together by SQLite, since one value for each row is read much quicker than eight.
 */
export const SEALED_BYTES = `CAST(position || ' ' || id || ' ' || lot || ' ' || version || ' ' || length(public_part) || ' '
  || length(commitment) || ' ' || length(salt) || ' ' || length(private_part) || char(10)
  || public_part || commitment || salt || private_part AS BLOB)`;

/** A seal in the making: over the records since the last whole one. */
export class RunningSeal {
  readonly #hash: Hash;

  constructor(before: Uint8Array) {
    this.#hash = createHash('sha256').update(before);
  }

  /** Takes in the `SEALED_BYTES` of the next row. */
  addBytes(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** The same of a record that is not a row yet. */
  add({ position, id, lot, version, record }: Recorded): void {
    const { publicPart, commitment, salt, privatePart } = record;
    const parts = [publicPart, commitment, salt, privatePart];
    this.#hash.update(`${position} ${id} ${lot} ${version} ${parts.map(({ length }) => length).join(' ')}\n`);
    for (const part of parts) this.#hash.update(part);
  }

  digest(): Uint8Array {
    return this.#hash.copy().digest();
  }
}

/** The seals of one open journal. They are kept in it, in the transaction of the record that fills them. */
export class Seals {
  readonly #database: DatabaseSync;
  #running: RunningSeal;
  #position: Position;

  /**
   * Seals what is not sealed yet: what was committed since the last whole seal, or all of a journal of an earlier version.
   * Throws `journal-damaged` where more is sealed than there is.
   */
  constructor(database: DatabaseSync, head: Position) {
    this.#database = database;
    const pages = Number(database.prepare('SELECT count(*) AS pages FROM seal').get()?.['pages']);
    this.#position = (pages * SEALED) as Position;
    if (this.#position > head)
      throw new ProtocolError('journal-damaged', `sealed up to ${this.#position}, and has ${head}`);
    this.#running = new RunningSeal(sealOf(database, pages));
    for (const bytes of sealedBytesBetween(database, this.#position, head)) {
      this.#running.addBytes(bytes);
      this.#count();
    }
  }

  /** Takes in the next record, inside of its transaction. */
  add(recorded: Recorded): void {
    invariant(recorded.position === this.#position + 1, 'records are sealed in order');
    this.#running.add(recorded);
    this.#count();
  }

  /** The digest of everything up to now, by way of the seals. */
  now(): Uint8Array {
    return this.#running.digest();
  }

  /** The same as it was at an earlier position. */
  at(position: Position): Uint8Array {
    const pages = Math.floor(position / SEALED);
    const running = new RunningSeal(sealOf(this.#database, pages));
    for (const bytes of sealedBytesBetween(this.#database, pages * SEALED, position)) running.addBytes(bytes);
    return running.digest();
  }

  #count(): void {
    this.#position = (this.#position + 1) as Position;
    if (this.#position % SEALED !== 0) return;
    const seal = this.#running.digest();
    this.#database.prepare('INSERT INTO seal (page, digest) VALUES (?, ?)').run(this.#position / SEALED, seal);
    this.#running = new RunningSeal(seal);
  }
}

/** The seal of a page; of page 0, what stands before the first one. */
export function sealOf(database: DatabaseSync, page: number): Uint8Array {
  if (page === 0) return NOTHING;
  const seal = database.prepare('SELECT digest FROM seal WHERE page = ?').get(page)?.['digest'];
  // One that is gone fits nothing.
  return seal instanceof Uint8Array ? seal : new Uint8Array();
}

function* sealedBytesBetween(database: DatabaseSync, after: number, to: number): Generator<Uint8Array> {
  const read = database.prepare(
    `SELECT ${SEALED_BYTES} AS bytes FROM record WHERE position > ? AND position <= ? ORDER BY position`,
  );
  for (const { bytes } of read.iterate(after, to)) {
    invariant(bytes instanceof Uint8Array, 'a cast to a blob gives a blob');
    yield bytes;
  }
}
