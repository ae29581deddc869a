/** Folders and files that belong to the service's own user alone. Looser rights are refused before anything is read. */
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { StartError } from '../shared/start-error.ts';

const FOLDER_MODE = 0o700;
const SECRET_MODE = 0o600;
const PUBLIC_MODE = 0o644;
/** What the group and everybody else may do. */
const RIGHTS_OF_OTHERS = 0o077;

/** One folder. Secrets are 0600; what may be published is 0644. Every write replaces the file as a whole. */
export class PrivateFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Opens the folder, or makes it with mode 0700. Throws `StartError` where others have rights in it. */
  static load(path: string): PrivateFolder {
    try {
      mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
    } catch (error) {
      // The system's own message names the path and the reason.
      throw new StartError(`The folder ${path} can not be made: ${messageOf(error)}. Set GAVEL_HOME to a usable one.`);
    }
    demandOwnerOnly(path, '700');
    return new PrivateFolder(path);
  }

  /** The text of a file, if there is one. */
  readPublic(name: string): string | undefined {
    try {
      return readFileSync(join(this.path, name), 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw new StartError(`${join(this.path, name)} can not be read: ${messageOf(error)}.`, { cause: error });
    }
  }

  /** The same for a secret. Throws `StartError` where others may read it. */
  readSecret(name: string): string | undefined {
    const text = this.readPublic(name);
    if (text !== undefined) demandOwnerOnly(join(this.path, name), '600');
    return text;
  }

  writePublic(name: string, text: string): void {
    writeFileAtomic.sync(join(this.path, name), text, { mode: PUBLIC_MODE, fsync: true });
  }

  writeSecret(name: string, text: string): void {
    writeFileAtomic.sync(join(this.path, name), text, { mode: SECRET_MODE, fsync: true });
  }
}

function demandOwnerOnly(path: string, wanted: string): void {
  if ((statSync(path).mode & RIGHTS_OF_OTHERS) === 0) return;
  throw new StartError(
    `Others than their owner have rights on ${path}; run chmod ${wanted} ${path}, and replace keys that may have been read.`,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
