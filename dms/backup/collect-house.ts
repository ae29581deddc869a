/**
 * What a backup of a DMS has in it: the journal as it was at one moment, checked as a start checks it, its anchor, and the
 * node's key and certificate. The node may be running; commits go on meanwhile.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { entryOf } from '../../shared/backup/archive-format.ts';
import { readPieces } from '../../shared/backup/write-archive.ts';
import type { Collected } from '../../shared/backup/write-backup.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { InvariantViolation } from '../../shared/invariant.ts';
import { StartError } from '../../shared/start-error.ts';
import type { HouseId, Position } from '../../shared/wire/vocabulary.ts';
import { verifyAnchor } from '../journal/anchor.ts';
import { checkJournal } from '../journal/check-journal.ts';
import { Seals } from '../journal/seals.ts';
import { isSqliteError, SQLITE_CORRUPT, SQLITE_NOTADB } from '../journal/sqlite-files.ts';
import { JOURNAL_VERSION, versionOf } from '../journal/sqlite-schema.ts';
import type { Manifest } from './manifest.ts';

/** Under this name the journal is put into the state folder again, wherever it is now. */
export const JOURNAL_FILE = 'journal.sqlite';
/** The node's own files; everything else is the journal's, or made anew when it is missing. */
const OWN = /^node-[a-z]+\.pem$/;
const BUSY_TIMEOUT_MS = 5_000;
/** More than any journal has: all of it in one step, so that commits can't make us begin again and again. */
const ALL_PAGES = 2 ** 31 - 1;

export interface HousePlace {
  readonly folder: string;
  readonly journalFile: string;
}

/** Collects the state; the journal's copy is put into `workFolder`, for as long as `contents` is read. */
export async function collectHouse(
  { folder, journalFile }: HousePlace,
  workFolder: string,
  madeAt: number,
): Promise<Collected<Manifest>> {
  if (!existsSync(journalFile))
    throw new StartError(`There is no journal at ${journalFile}; give the folder with --home.`);
  // Before the copy: it may be behind what is copied then, and never ahead of it.
  const anchor = readFileSync(`${journalFile}.anchor`);
  const copy = join(workFolder, JOURNAL_FILE);
  await copyJournal(journalFile, copy);
  const head = openHead(copy, `${journalFile}.anchor`, anchor);
  await checkJournal(copy, head.position);
  const names = readdirSync(folder).filter((name) => OWN.test(name));
  const own = names.map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
  return {
    manifest: {
      madeAt,
      ...head,
      files: [
        entryOf(JOURNAL_FILE, readPieces(copy), true),
        entryOf(`${JOURNAL_FILE}.anchor`, [anchor], true),
        ...own.map(({ name, bytes }) => entryOf(name, [bytes], true)),
      ],
    },
    *contents() {
      yield* readPieces(copy);
      yield anchor;
      for (const { bytes } of own) yield bytes;
    },
  };
}

async function copyJournal(from: string, to: string): Promise<void> {
  const source = new DatabaseSync(from, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    if (versionOf(source) !== JOURNAL_VERSION)
      throw new StartError('The journal is of another version of this program: start the DMS of this version once.');
    await backup(source, to, { rate: ALL_PAGES });
  } catch (error) {
    throw asDamage(error);
  } finally {
    source.close();
  }
}

/** Whose journal the copy is and how long; the records that the anchor speaks of are those that were written. */
function openHead(copy: string, anchorFile: string, anchor: Uint8Array): { house: HouseId; position: Position } {
  const database = new DatabaseSync(copy);
  try {
    // One file, with nothing beside it.
    database.exec('PRAGMA journal_mode = DELETE');
    const { house, position } = database
      .prepare('SELECT (SELECT id FROM house) AS house, (SELECT coalesce(max(position), 0) FROM record) AS position')
      .get() as { house: HouseId; position: Position };
    verifyAnchor(anchorFile, Buffer.from(anchor).toString(), house, position, new Seals(database, position));
    return { house, position };
  } catch (error) {
    throw asDamage(error);
  } finally {
    database.close();
  }
}

function asDamage(error: unknown): unknown {
  const isDamage = isSqliteError(error, SQLITE_CORRUPT) || isSqliteError(error, SQLITE_NOTADB);
  if (!isDamage && !(error instanceof InvariantViolation)) return error;
  return new ProtocolError('journal-damaged', (error as Error).message, { cause: error });
}
