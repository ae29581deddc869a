/** The PostgreSQL journal's tables, the one function that appends, and the way from each version of them to the next. */
import { ProtocolError } from '../../shared/errors.ts';
import type { HouseId, Position } from '../../shared/wire/vocabulary.ts';
import type { Head } from './journal.ts';
import type { PostgresConnection } from './postgres-connection.ts';

/** Where a commit rings; what it says is the position. */
export const CHANNEL = 'gavel_journal';

/** `pg_advisory_xact_lock`: "GAVELJNL". Held while the tables are made, by whichever node comes first. */
const MIGRATION_LOCK = '0x474156454c4a4e4c';

/**
 * Version n is what the first n of these made. Never edited, only added to.
 *
 * `append` is one statement that is its own transaction: whoever asks for it can't stall in the middle and hold up the
 * others. It begins with the lock on the one row of `head`; from there on nobody else appends until this commit is
 * durable, and each statement in it sees everything that is committed (READ COMMITTED). So the positions have no gap, and
 * no reader ever sees a position before the one below it.
 */
const MIGRATIONS = [
  `CREATE SCHEMA gavel;
   CREATE TABLE gavel.head (
     only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
     house uuid NOT NULL,
     schema_version integer NOT NULL DEFAULT 0,
     position bigint NOT NULL DEFAULT 0
   ) WITH (fillfactor = 10);
   CREATE TABLE gavel.record (
     position bigint PRIMARY KEY CHECK (position > 0),
     id text COLLATE "C" NOT NULL UNIQUE,
     lot text COLLATE "C" NOT NULL,
     version integer NOT NULL,
     public_part bytea NOT NULL,
     commitment bytea NOT NULL,
     salt bytea NOT NULL,
     private_part bytea NOT NULL,
     UNIQUE (lot, version)
   );
   CREATE FUNCTION gavel.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$;
   CREATE TRIGGER record_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON gavel.record
     FOR EACH STATEMENT EXECUTE FUNCTION gavel.refuse_change();
   CREATE FUNCTION gavel.append(
     ids text[], lots text[], expected integer[], bases text[],
     public_parts bytea[], commitments bytea[], salts bytea[], private_parts bytea[]
   ) RETURNS TABLE (why text, at_position bigint, lot_version integer) LANGUAGE plpgsql AS $$
   DECLARE
     old_head bigint;
     new_head bigint;
     entry record;
     refused text[] := '{}';
   BEGIN
     SELECT h.position INTO STRICT old_head FROM gavel.head h FOR UPDATE;
     new_head := old_head;
     FOR entry IN
       SELECT * FROM unnest(ids, lots, expected, bases, public_parts, commitments, salts, private_parts)
         WITH ORDINALITY AS e(id, lot, expect, base, public_part, commitment, salt, private_part, n) ORDER BY n
     LOOP
       SELECT r.position INTO at_position FROM gavel.record r WHERE r.id = entry.id;
       IF FOUND THEN
         why := 'duplicate';
         lot_version := NULL;
       ELSE
         SELECT r.version INTO lot_version FROM gavel.record r WHERE r.lot = entry.lot ORDER BY r.version DESC LIMIT 1;
         lot_version := coalesce(lot_version, 0);
         IF lot_version <> entry.expect OR entry.base = ANY (refused) THEN
           why := 'conflict';
         ELSE
           why := NULL;
           new_head := new_head + 1;
           at_position := new_head;
           lot_version := lot_version + 1;
           INSERT INTO gavel.record VALUES (new_head, entry.id, entry.lot, lot_version,
             entry.public_part, entry.commitment, entry.salt, entry.private_part);
         END IF;
       END IF;
       IF why IS NOT NULL THEN refused := refused || entry.id; END IF;
       RETURN NEXT;
     END LOOP;
     IF new_head > old_head THEN
       UPDATE gavel.head SET position = new_head;
       PERFORM pg_notify('${CHANNEL}', new_head::text);
     END IF;
   END $$;`,
];

/**
 * The journal's head, read so that it is certain: behind the lock, every append that was under way is over, one whose
 * connection was lost too; and the commit of this read waits for the standby, where there is one that commits wait for.
 * Everything that is visible after it is as durable as what was acknowledged.
 */
export async function readCertainHead(connection: PostgresConnection): Promise<Head> {
  const [row] = await connection.query('SELECT house, position, schema_version FROM gavel.head FOR UPDATE');
  if (row === undefined) throw new ProtocolError('journal-damaged', 'it has no head');
  demandKnown(Number(row['schema_version']));
  return { house: String(row['house']) as HouseId, position: Number(row['position']) as Position };
}

/** Makes the tables where there are none, and brings old ones up to date: one node does it, the others wait. */
export async function prepareTables(connection: PostgresConnection, newHouse: HouseId): Promise<void> {
  if ((await versionOf(connection)) === MIGRATIONS.length) return;
  await connection.query('BEGIN');
  await connection.query(`SELECT pg_advisory_xact_lock(x'${MIGRATION_LOCK.slice(2)}'::bigint)`);
  const version = await versionOf(connection);
  demandKnown(version);
  for (const sql of MIGRATIONS.slice(version)) await connection.query(sql);
  if (version === 0) await connection.query('INSERT INTO gavel.head (house) VALUES ($1)', [newHouse]);
  await connection.query('UPDATE gavel.head SET schema_version = $1', [MIGRATIONS.length]);
  await connection.query('COMMIT');
}

async function versionOf(connection: PostgresConnection): Promise<number> {
  // Read from the table: name lookups such as `to_regclass` may remember in this transaction what was so before the lock.
  const tables = await connection.query("SELECT FROM pg_tables WHERE schemaname = 'gavel' AND tablename = 'head'");
  if (tables.length === 0) return 0;
  const [row] = await connection.query('SELECT schema_version FROM gavel.head');
  return Number(row?.['schema_version'] ?? 0);
}

function demandKnown(version: number): void {
  if (version > MIGRATIONS.length)
    throw new ProtocolError('journal-too-new', `version ${version}, known are ${MIGRATIONS.length}`);
}
