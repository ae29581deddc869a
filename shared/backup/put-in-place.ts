/** Puts a backup where no state is: all of it or nothing. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder } from '../private-folder.ts';
import { StartError } from '../start-error.ts';
import type { Manifest } from './archive-format.ts';
import type { Archive } from './read-archive.ts';

const FOLDER_MODE = 0o700;

/** Throws `StartError` if there is anything in `target`. `isInUse` says whether a program works with it. */
export function demandEmpty(target: string, program: string, isInUse: (folder: string) => boolean): void {
  if (!existsSync(target) || readdirSync(target).length === 0) return;
  if (isInUse(target)) throw new StartError(`${program} works with ${target}; stop it, and move its state away.`);
  throw new StartError(`There is state in ${target}, and a restore replaces none: move it away first, and keep it.`);
}

/** Everything is made ready in a folder beside the target, which then takes its name at once. */
export function putInPlace<Own extends Manifest, Result>(
  archive: Archive<Own>,
  target: string,
  makeReady: (staging: string) => Result,
): Result {
  const home = dirname(target);
  mkdirSync(home, { recursive: true, mode: FOLDER_MODE });
  const staging = mkdtempSync(`${target}.restoring-`);
  try {
    archive.extract(staging);
    const result = makeReady(staging);
    for (const folder of foldersOf(archive.manifest)) syncFolder(folder === '.' ? staging : `${staging}/${folder}`);
    moveTo(staging, target);
    syncFolder(home);
    return result;
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    throw error;
  }
}

/** All folders that have files, and the one that has the folders. */
function foldersOf({ files }: Manifest): ReadonlySet<string> {
  return new Set([...files.map(({ path }) => dirname(path)), '.']);
}

function moveTo(staging: string, target: string): void {
  try {
    // An empty folder is replaced; one that has got something in the meantime is not.
    renameSync(staging, target);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOTEMPTY')) throw cause;
    throw new StartError(`Something has come into ${target} meanwhile; nothing was restored.`, { cause });
  }
}
