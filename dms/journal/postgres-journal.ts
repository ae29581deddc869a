/** The journal that several nodes share: one PostgreSQL database, appended to by all of them, in one order. */

import { equalBytes } from '../../shared/bytes.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { invariant } from '../../shared/invariant.ts';
import type { HouseId, LotId, Position } from '../../shared/wire/vocabulary.ts';
import { Anchor } from './anchor.ts';
import { Bell, follow } from './follow.ts';
import {
  type Entry,
  type Head,
  type Journal,
  JournalAway,
  type Outcome,
  type Recorded,
  type Start,
} from './journal.ts';
import type { Row } from './postgres-connection.ts';
import { type Pair, PostgresLink } from './postgres-link.ts';
import { CHANNEL, prepareTables, readCertainHead } from './postgres-schema.ts';
import { serverUrls } from './postgres-url.ts';

export interface PostgresJournalOptions {
  /** `postgres://…`, with one server or several of which one is the primary. Secret. */
  readonly url: string;
  /** The house that a new journal belongs to. */
  readonly newHouse: HouseId;
  /** Where this node keeps how long the journal was; without it, it does not. */
  readonly anchorFile?: string;
  /** Called when the journal can't be reached any more, with the reason, and when it can again, with none. */
  readonly onChange?: (trouble: string | undefined) => void;
}

const COLUMNS = 'position, id, lot, version, public_part, commitment, salt, private_part';
const APPEND = 'SELECT why, at_position, lot_version FROM gavel.append($1, $2, $3, $4, $5, $6, $7, $8)';
/** Records at the end that are looked at on opening; the fold reads all of them anyway. */
const TAIL = 512;

/**
 * A commit is on the disk of the primary, and of a standby where commits wait for one, before it is answered. What was
 * asked while the connection was lost is unknown until it is asked again: `append` rejects with `JournalAway`, and the
 * same ids appended again tell. Losing records (a standby that was behind was made the primary) ends in `journal-damaged`.
 *
 * @example
 * const journal = new PostgresJournal({ url: 'postgres://gavel@db-a:5432,db-b:5432/gavel', newHouse });
 * const { house, position } = await journal.open();
 */
export class PostgresJournal implements Journal {
  readonly isShared: boolean = true;
  readonly #options: PostgresJournalOptions;
  readonly #link: PostgresLink;
  readonly #bell = new Bell();
  #house: HouseId | undefined;
  #anchor: Anchor | undefined;
  /** The last record that is known here: each server that we come to must have it. */
  #last: { readonly position: Position; readonly commitment: Uint8Array } | undefined;
  /** What the last append of our own has made of the head: its bell brings no news. */
  #ownHead = -1;

  constructor(options: PostgresJournalOptions) {
    this.#options = options;
    this.#link = new PostgresLink({
      servers: serverUrls(options.url),
      prepare: (pair) => this.#prepare(pair),
      onNotification: (position) => {
        if (Number(position) !== this.#ownHead) this.#bell.ring();
      },
      onChange: (trouble) => {
        options.onChange?.(trouble);
        this.#bell.ring();
      },
    });
  }

  get isAway(): boolean {
    return this.#link.isAway;
  }

  async open(): Promise<Head> {
    try {
      await this.#link.open();
      const head = await this.head();
      await this.#verifyTail(head.position);
      const { anchorFile } = this.#options;
      if (anchorFile !== undefined) this.#anchor = Anchor.open(anchorFile, head.house, head.position);
      return head;
    } catch (error) {
      this.#link.close();
      if (error instanceof ProtocolError) throw error;
      throw new ProtocolError('journal-unusable', error instanceof Error ? error.message : String(error));
    }
  }

  async append(batch: readonly Entry[]): Promise<Outcome[]> {
    const column = <Value>(read: (entry: Entry) => Value) => batch.map(read);
    const rows = await this.#link.ask('writer', APPEND, [
      column(({ id }) => id),
      column(({ lot }) => lot),
      column((entry) => entry.expect),
      column(({ buildsOn }) => buildsOn ?? null),
      column(({ record }) => Buffer.from(record.publicPart)),
      column(({ record }) => Buffer.from(record.commitment)),
      column(({ record }) => Buffer.from(record.salt)),
      column(({ record }) => Buffer.from(record.privatePart)),
    ]);
    invariant(rows.length === batch.length, 'every entry has its outcome');
    const outcomes = rows.map(outcomeFrom);
    const newest = outcomes.findLastIndex(({ ok }) => ok);
    const [outcome, entry] = [outcomes[newest], batch[newest]];
    if (outcome?.ok === true && entry !== undefined) {
      this.#ownHead = outcome.position;
      this.#remember(outcome.position, entry.record.commitment);
    }
    this.#bell.ring();
    return outcomes;
  }

  async read(after: Position, limit: number): Promise<Recorded[]> {
    const sql = `SELECT ${COLUMNS} FROM gavel.record WHERE position > $1 ORDER BY position LIMIT $2`;
    const records = (await this.#link.ask('reader', sql, [after, limit])).map(recordedFrom);
    const last = records.at(-1);
    if (last !== undefined) this.#remember(last.position, last.record.commitment);
    return records;
  }

  async find(id: string): Promise<Recorded | undefined> {
    const [row] = await this.#link.ask('reader', `SELECT ${COLUMNS} FROM gavel.record WHERE id = $1`, [id]);
    return row && recordedFrom(row);
  }

  /** A lost connection only delays what is handed on. */
  subscribe(after: Start, on: (records: Recorded[]) => Promise<void>, stop: AbortSignal): Promise<void> {
    const read = async (position: Position, limit: number) => {
      try {
        return await this.read(position, limit);
      } catch (error) {
        // Nothing for now; the bell rings when the journal is there again.
        if (error instanceof JournalAway) return [];
        throw error;
      }
    };
    return follow({ read }, this.#bell, after, on, stop);
  }

  async head(): Promise<Head> {
    const [row] = await this.#link.ask('reader', 'SELECT house, position FROM gavel.head');
    invariant(row !== undefined, 'a journal that was opened has a head');
    return { house: String(row['house']) as HouseId, position: Number(row['position']) as Position };
  }

  async close(): Promise<void> {
    this.#link.close();
    this.#anchor?.close();
    this.#anchor = undefined;
    this.#bell.ring();
  }

  /** Whatever server this is: it is the primary, it is durable, and its journal is the one we know, and no shorter. */
  async #prepare({ writer, reader }: Pair): Promise<void> {
    const [server] = await writer.query(
      "SELECT pg_is_in_recovery() AS standby, current_setting('fsync') AS fsync, current_setting('server_encoding') AS encoding",
    );
    if (server?.['standby'] === true) throw new JournalAway('the server is a standby');
    if (server?.['fsync'] !== 'on') throw new ProtocolError('journal-unusable', 'fsync is off at the server');
    if (server['encoding'] !== 'UTF8') throw new ProtocolError('journal-unusable', 'the database is not in UTF8');
    await prepareTables(writer, this.#options.newHouse);
    const { house } = await readCertainHead(writer);
    if (house !== (this.#house ?? house)) throw new ProtocolError('journal-damaged', 'it belongs to another house now');
    await this.#verifyLast(reader);
    await reader.query(`LISTEN ${CHANNEL}`);
    this.#house = house;
  }

  async #verifyLast(reader: Pair['reader']): Promise<void> {
    const last = this.#last;
    if (last === undefined) return;
    const sql = 'SELECT commitment FROM gavel.record WHERE position = $1';
    const [row] = await reader.query(sql, [last.position]);
    if (row === undefined || !equalBytes(bytesFrom(row, 'commitment'), last.commitment))
      throw new ProtocolError('journal-damaged', `the record at ${last.position} is gone or is another one`);
  }

  async #verifyTail(head: Position): Promise<void> {
    const from = Math.max(0, head - TAIL);
    const sql = 'SELECT count(*) AS count, coalesce(max(position), 0) AS last FROM gavel.record WHERE position > $1';
    const [row] = await this.#link.ask('reader', sql, [from]);
    const [count, last] = [Number(row?.['count']), Number(row?.['last'])];
    // Others may have appended meanwhile.
    if (last < head || count !== last - from) throw new ProtocolError('journal-damaged', `a gap before ${head}`);
  }

  #remember(position: Position, commitment: Uint8Array): void {
    if (position <= (this.#last?.position ?? 0)) return;
    this.#last = { position, commitment };
    this.#anchor?.advance(position);
  }
}

function outcomeFrom(row: Row): Outcome {
  const version = Number(row['lot_version']);
  if (row['why'] === 'duplicate') return { ok: false, why: 'duplicate', position: positionFrom(row, 'at_position') };
  if (row['why'] === 'conflict') return { ok: false, why: 'conflict', version };
  return { ok: true, position: positionFrom(row, 'at_position'), version };
}

function recordedFrom(row: Row): Recorded {
  return {
    position: positionFrom(row, 'position'),
    id: String(row['id']),
    lot: String(row['lot']) as LotId,
    version: Number(row['version']),
    record: {
      publicPart: bytesFrom(row, 'public_part'),
      commitment: bytesFrom(row, 'commitment'),
      salt: bytesFrom(row, 'salt'),
      privatePart: bytesFrom(row, 'private_part'),
    },
  };
}

function positionFrom(row: Row, column: string): Position {
  const position = Number(row[column]);
  invariant(Number.isSafeInteger(position), `${column} is a position`);
  return position as Position;
}

function bytesFrom(row: Row, column: string): Uint8Array {
  const value = row[column];
  invariant(value instanceof Uint8Array, `${column} holds bytes`);
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}
