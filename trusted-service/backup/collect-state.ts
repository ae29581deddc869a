/**
 * What a backup of the state has in it: the store as it was at one moment, and every other file of the folder as it was at
 * that moment too. The service may be running.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { entryOf } from '../../shared/backup/archive-format.ts';
import { readPieces } from '../../shared/backup/write-archive.ts';
import type { Collected } from '../../shared/backup/write-backup.ts';
import { authorityName } from '../../shared/pki/trust-anchors.ts';
import { verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { StartError } from '../../shared/start-error.ts';
import { formatHead } from '../audit/audit-chain.ts';
import { AuditRecords } from '../store/audit-records.ts';
import { MIGRATIONS } from '../store/migrations.ts';
import { STORE_FILE } from '../store/store.ts';
import type { Manifest } from './manifest.ts';

/** The store is copied by SQLite; its side files and the lock belong to the running process alone. */
const NOT_COPIED = /^trusted-service\.(db(-\w+)?|lock(-\w+)?)$/;
/** A file that is just being replaced: what it will be called is there too. */
const HALF_WRITTEN = /\.\d+$/;
const OTHERS = 0o077;
/** Keys change some times in a year: a second look that differs from the first one is rare, and a third rarer. */
const MAX_LOOKS = 10;
/** The service may be writing its write-ahead log anew. */
const BUSY_TIMEOUT_MS = 5_000;
/** More than any store has: the whole of it in one step, so that a busy service can't make us begin again and again. */
const ALL_PAGES = 2 ** 31 - 1;

/** Collects the state in `folder`; the store's copy is put into `workFolder`, for as long as `contents` is read. Throws `StartError`. */
export async function collectState(folder: string, workFolder: string, madeAt: number): Promise<Collected<Manifest>> {
  if (!existsSync(join(folder, STORE_FILE))) {
    throw new StartError(`There is no state at ${folder}; give the folder with --home.`);
  }
  const copy = join(workFolder, STORE_FILE);
  const files = await lookUntilStill(folder, () => copyStore(join(folder, STORE_FILE), copy));
  const root = files.get('keys/root.pem');
  if (root === undefined) throw new StartError(`${folder} has no root certificate: start the service once.`);
  const entries = [...files].map(([path, { bytes, secret }]) => entryOf(path, [bytes], secret));
  return {
    manifest: {
      madeAt,
      authority: authorityName(verifyRoot(Buffer.from(root.bytes).toString())),
      auditHead: headOf(copy),
      files: [entryOf(STORE_FILE, readPieces(copy), true), ...entries],
    },
    *contents() {
      yield* readPieces(copy);
      for (const { bytes } of files.values()) yield bytes;
    },
  };
}

type Files = ReadonlyMap<string, { readonly bytes: Uint8Array; readonly secret: boolean }>;

/** Files that are the same before and after the store is copied were so meanwhile. */
async function lookUntilStill(folder: string, between: () => Promise<void>): Promise<Files> {
  let before = readFiles(folder);
  for (let look = 1; look < MAX_LOOKS; look++) {
    await between();
    const after = readFiles(folder);
    if (before !== undefined && after !== undefined && areSame(before, after)) return after;
    before = after;
  }
  throw new StartError(`Files in ${folder} change all the time; try again when nothing else works on them.`);
}

/** `undefined` if one went away while we read: somebody is replacing it. */
function readFiles(folder: string): Files | undefined {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
    const paths = names.filter((name) => !(NOT_COPIED.test(name) || HALF_WRITTEN.test(name)));
    return new Map(
      paths.flatMap((path) => {
        const found = statSync(join(folder, path));
        if (!found.isFile()) return [];
        return [[path, { bytes: readFileSync(join(folder, path)), secret: (found.mode & OTHERS) === 0 }] as const];
      }),
    );
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function areSame(one: Files, other: Files): boolean {
  if (one.size !== other.size) return false;
  return [...one].every(([path, { bytes }]) => {
    const same = other.get(path);
    return same !== undefined && Buffer.compare(same.bytes, bytes) === 0;
  });
}

async function copyStore(from: string, to: string): Promise<void> {
  const source = new DatabaseSync(from, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    const { user_version: version } = source.prepare('PRAGMA user_version').get() as { user_version: number };
    if (version > MIGRATIONS.length)
      throw new StartError('The state is of a newer version: use that one to back it up.');
    if (version < MIGRATIONS.length) throw new StartError('This state is of an older version: start the service once.');
    await backup(source, to, { rate: ALL_PAGES });
  } finally {
    source.close();
  }
}

function headOf(copy: string): string {
  const database = new DatabaseSync(copy);
  try {
    // One file, with nothing beside it.
    database.exec('PRAGMA journal_mode = DELETE');
    return formatHead(new AuditRecords(database).head());
  } finally {
    database.close();
  }
}
