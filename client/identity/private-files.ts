/** Files that only their owner may read: directories 0700, files 0600. Looser ones are refused before they are read. */
import { randomUUID } from 'node:crypto';
import { closeSync, fchmodSync, fsync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ClientError } from '../client-error.ts';
import { oneAfterAnother } from './write-queue.ts';

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
/** The rights of the group and of everybody else. */
const RIGHTS_OF_OTHERS = 0o077;
/** The largest file that is read: everything we write is far below it. */
const MAX_FILE_BYTES = 4 * 1_048_576;

/** Makes a directory if it is not there; then no crash takes it. Throws `home-too-open` where others have rights in it. */
export async function openPrivateDirectory(path: string): Promise<void> {
  await usable(path, async () => {
    const made = await mkdir(path, { recursive: true, mode: DIRECTORY_MODE });
    if (made !== undefined) await syncNames(path, made);
  });
  const { mode } = await usable(path, () => stat(path));
  requireOwnerOnly(path, mode, '700');
}

/** The bytes of a file; `undefined` where there is none. Throws `home-too-open` and `home-unreadable`. */
export async function readPrivateFile(path: string): Promise<Uint8Array | undefined> {
  try {
    // One handle for the look at its rights and for the reading: it can't be another file in between.
    await using file = await open(path, 'r');
    const { mode, size } = await file.stat();
    requireOwnerOnly(path, mode, '600');
    if (size > MAX_FILE_BYTES) throw new ClientError('home-unreadable', `${path} is too large`);
    return new Uint8Array(await file.readFile());
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw unreadable(error, path);
  }
}

/**
 * Replaces a file as a whole: after a crash there is the former one or the new one, never half of one, and when this resolves
 * the new one. Writes to one file wait for each other.
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await keepPrivateFile(path, text, nothingToProve);
}

/**
 * The same for a file for which `prove` stands, which is called while the bytes are on their way to the disk: what it throws is
 * thrown, and then nothing was replaced.
 */
export function keepPrivateFile<Proof>(path: string, text: string, prove: () => Promise<Proof>): Promise<Proof> {
  return oneAfterAnother(path, () => replace(path, text, prove));
}

/** The disk alone is waited for: what the system does in its memory takes longer to hand to another thread than to do. */
async function replace<Proof>(path: string, text: string, prove: () => Promise<Proof>): Promise<Proof> {
  const draft = `${path}.${randomUUID()}`;
  try {
    const [written, proof] = await Promise.allSettled([writeToDisk(draft, text), prove()]);
    if (proof.status === 'rejected') throw proof.reason;
    await usable(path, async () => {
      if (written.status === 'rejected') throw written.reason;
      renameSync(draft, path);
      await syncDirectory(dirname(path));
    });
    return proof.value;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Opens a file that grows at its end, and makes it if it is not there; no crash takes its name. Throws `home-too-open` and
 * `home-unreadable`.
 */
export async function openPrivateLog(path: string): Promise<FileHandle> {
  const file = await usable(path, () => open(path, 'a+', FILE_MODE));
  try {
    requireOwnerOnly(path, (await file.stat()).mode, '600');
    await syncDirectory(dirname(path));
    return file;
  } catch (error) {
    await file.close();
    throw unreadable(error, path);
  }
}

/** The paths of the files in a directory that end in `.json`, in order of name. */
export async function listPrivateFiles(directory: string): Promise<string[]> {
  const names = await usable(directory, () => readdir(directory));
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(directory, name));
}

async function nothingToProve(): Promise<void> {}

const toDisk = promisify(fsync);

async function writeToDisk(path: string, text: string): Promise<void> {
  const file = openSync(path, 'wx', FILE_MODE);
  try {
    // The process's umask may have taken the owner's own rights; it never adds any.
    fchmodSync(file, FILE_MODE);
    writeFileSync(file, text);
    await toDisk(file);
  } finally {
    closeSync(file);
  }
}

/** Resolves when the names of a directory, and of those above it down from `made`, are on disk. */
async function syncNames(path: string, made: string): Promise<void> {
  const first = resolve(made);
  for (let name = resolve(path); name.length >= first.length; name = dirname(name)) await syncDirectory(dirname(name));
}

/** Resolves when the names in a directory are on disk. */
async function syncDirectory(path: string): Promise<void> {
  const directory = openSync(path, 'r');
  try {
    await toDisk(directory);
  } finally {
    closeSync(directory);
  }
}

function requireOwnerOnly(path: string, mode: number, wanted: string): void {
  if ((mode & RIGHTS_OF_OTHERS) === 0) return;
  throw new ClientError('home-too-open', `chmod ${wanted} ${path}`);
}

async function usable<Result>(path: string, use: () => Promise<Result>): Promise<Result> {
  try {
    return await use();
  } catch (error) {
    throw unreadable(error, path);
  }
}

/** What the system says about a path (no rights, no room, not a directory) is for the owner to mend. */
function unreadable(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof ClientError) return error;
  return new ClientError('home-unreadable', `${path}: ${String(error.code)}`, { cause: error });
}

function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
