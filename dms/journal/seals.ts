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
import { COLUMNS, recordedFrom } from './sqlite-rows.ts';

/** Records under one seal. */
export const SEALED = 1_024;
/** What stands before the first seal. */
const NOTHING = new Uint8Array(32);

/** The seal that is in the making: over the records since the last whole one. */
class RunningSeal {
  readonly #hash: Hash;

  constructor(before: Uint8Array) {
    this.#hash = createHash('sha256').update(before);
  }

  /** All that is kept of a record. The lengths stand before the bytes: no other record has the same ones. */
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
    for (const recorded of recordsBetween(database, this.#position, head)) this.add(recorded);
  }

  /** Takes in the next record, inside of its transaction. */
  add(recorded: Recorded): void {
    invariant(recorded.position === this.#position + 1, 'records are sealed in order');
    this.#running.add(recorded);
    this.#position = recorded.position;
    if (this.#position % SEALED !== 0) return;
    const seal = this.#running.digest();
    this.#database.prepare('INSERT INTO seal (page, digest) VALUES (?, ?)').run(this.#position / SEALED, seal);
    this.#running = new RunningSeal(seal);
  }

  /** The digest of everything up to now, by way of the seals. */
  now(): Uint8Array {
    return this.#running.digest();
  }

  /** The same as it was at an earlier position. */
  at(position: Position): Uint8Array {
    const pages = Math.floor(position / SEALED);
    const running = new RunningSeal(sealOf(this.#database, pages));
    for (const recorded of recordsBetween(this.#database, (pages * SEALED) as Position, position))
      running.add(recorded);
    return running.digest();
  }
}

/** The first page of `from + 1` … `to` whose records are not those that were sealed; `undefined` if all are. */
export function findBrokenSeal(database: DatabaseSync, from: number, to: number): number | undefined {
  let before = sealOf(database, from);
  for (let page = from + 1; page <= to; page++) {
    const running = new RunningSeal(before);
    const first = ((page - 1) * SEALED) as Position;
    for (const recorded of recordsBetween(database, first, (first + SEALED) as Position)) running.add(recorded);
    const seal = sealOf(database, page);
    if (Buffer.compare(seal, running.digest()) !== 0) return page;
    before = seal;
  }
  return undefined;
}

function sealOf(database: DatabaseSync, page: number): Uint8Array {
  if (page === 0) return NOTHING;
  const seal = database.prepare('SELECT digest FROM seal WHERE page = ?').get(page)?.['digest'];
  // One that is gone fits nothing.
  return seal instanceof Uint8Array ? seal : new Uint8Array();
}

function* recordsBetween(database: DatabaseSync, after: Position, to: Position): Generator<Recorded> {
  const read = database.prepare(`SELECT ${COLUMNS} FROM record WHERE position > ? AND position <= ? ORDER BY position`);
  for (const row of read.iterate(after, to)) yield recordedFrom(row);
}
