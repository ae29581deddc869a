/** A server's own folder: its secrets belong to its user alone, and looser rights are refused before anything is read. */
import {
  chmodSync,
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { StartError } from './start-error.ts';

const FOLDER_MODE = 0o700;
const SECRET_MODE = 0o600;
const PUBLIC_MODE = 0o644;
/** What the group and everybody else may do. */
const RIGHTS_OF_OTHERS = 0o077;

/**
 * One folder. Secrets are 0600; what may be published is 0644. Every write replaces the file as a whole, and when it returns no
 * crash takes the file or its name.
 */
export class PrivateFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Opens the folder, or makes it with mode 0700. Throws `StartError` where others have rights in it. */
  static load(path: string): PrivateFolder {
    try {
      const made = mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
      // The process's umask may have taken the owner's own rights; it never adds any.
      if (made !== undefined) {
        chmodSync(path, FOLDER_MODE);
        syncNames(path, made);
      }
    } catch (error) {
      // The system's own message names the path and the reason.
      throw new StartError(`The folder ${path} can not be made: ${messageOf(error)}. Set GAVEL_HOME to a usable one.`);
    }
    demandOwnerOnly(path, statSync(path).mode, '700');
    return new PrivateFolder(path);
  }

  /** The text of a file, if there is one. */
  readPublic(name: string): string | undefined {
    return this.#read(name, () => {});
  }

  /** The same for a secret. Throws `StartError` where others may read it. */
  readSecret(name: string): string | undefined {
    return this.#read(name, (path, mode) => demandOwnerOnly(path, mode, '600'));
  }

  writePublic(name: string, text: string): void {
    this.#write(name, text, PUBLIC_MODE);
  }

  writeSecret(name: string, text: string): void {
    this.#write(name, text, SECRET_MODE);
  }

  /** The names of its files. */
  list(): string[] {
    return readdirSync(this.path);
  }

  /** Removes a file, if it is there. When this returns the disk has no name for it any more. */
  remove(name: string): void {
    rmSync(join(this.path, name), { force: true });
    syncFolder(this.path);
  }

  #write(name: string, text: string, mode: number): void {
    writeFileAtomic.sync(join(this.path, name), text, { mode, fsync: true });
    syncFolder(this.path);
  }

  #read(name: string, check: (path: string, mode: number) => void): string | undefined {
    return readChecked(join(this.path, name), check);
  }
}

/** The text of a secret file that is in no folder of ours, if it is there. Throws `StartError` where others may read it. */
export function readSecretFile(path: string): string | undefined {
  return readChecked(path, (checked, mode) => demandOwnerOnly(checked, mode, '600'));
}

function readChecked(path: string, check: (path: string, mode: number) => void): string | undefined {
  try {
    // One handle for the look at its rights and for the reading: it can't be another file in between.
    const file = openSync(path, 'r');
    try {
      check(path, fstatSync(file).mode);
      return readFileSync(file, 'utf8');
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof StartError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new StartError(`${path} can not be read: ${messageOf(error)}.`, { cause: error });
  }
}

/** Returns when the names in a folder are on disk. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Returns when the names of a folder, and of those above it down from `made`, are on disk. */
function syncNames(path: string, made: string): void {
  const first = resolve(made);
  for (let folder = resolve(path); folder.length >= first.length; folder = dirname(folder)) syncFolder(dirname(folder));
}

function demandOwnerOnly(path: string, mode: number, wanted: string): void {
  if ((mode & RIGHTS_OF_OTHERS) === 0) return;
  throw new StartError(
    `Others than their owner have rights on ${path}; run chmod ${wanted} ${path}, and replace keys that may have been read.`,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
