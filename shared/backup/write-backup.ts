/** What the backups of all programs have in common: where they go, who can read them, and that they are whole or not there. */
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { z } from 'zod';
import { syncFolder } from '../private-folder.ts';
import { StartError } from '../start-error.ts';
import type { Manifest } from './archive-format.ts';
import { readPassphrase } from './backup-io.ts';
import { withArchive } from './read-archive.ts';
import { writeArchive } from './write-archive.ts';

/** Long enough that half a second for each guess is a protection. */
const MIN_PASSPHRASE_CHARACTERS = 12;

/** What goes into a backup. */
export interface Collected<Own extends Manifest> {
  readonly manifest: Own;
  /** The files' bytes, in the manifest's order. */
  contents(): Iterable<Uint8Array>;
}

/** The file that `--out` means. Throws `StartError` if it is inside of the state, or there already. */
export function outsideOf(folder: string, typed: string | undefined): string {
  if (typed === undefined) throw new StartError('Say with --out where the backup goes.');
  const out = resolve(typed);
  if (!relative(folder, out).startsWith('..'))
    throw new StartError('--out must be outside of the state that is backed up.');
  if (existsSync(out)) throw new StartError(`${out} is there already; a backup replaces nothing.`);
  return out;
}

/** The passphrase; `undefined` where `--plain` says that there shall be none. `holds` says what the state holds. */
export function passphraseFor(
  { plain }: { readonly plain?: boolean },
  env: Readonly<Record<string, string | undefined>>,
  holds: string,
): string | undefined {
  const passphrase = readPassphrase(env);
  if (plain === true) {
    if (passphrase === undefined) return undefined;
    throw new StartError('--plain and a passphrase: say one of the two.');
  }
  if (passphrase === undefined) {
    throw new StartError(
      `The state holds ${holds}: set GAVEL_BACKUP_PASSPHRASE or GAVEL_BACKUP_PASSPHRASE_FILE to encrypt it, or say --plain.`,
    );
  }
  if ([...passphrase].length >= MIN_PASSPHRASE_CHARACTERS) return passphrase;
  throw new StartError(`The passphrase must have at least ${MIN_PASSPHRASE_CHARACTERS} characters.`);
}

/** Written beside its place, read back, and only then given its name. `collect` is given a folder for what it has to copy. */
export async function writeBackup<Own extends Manifest>(
  out: string,
  schema: z.ZodType<Own>,
  passphrase: string | undefined,
  collect: (workFolder: string) => Promise<Collected<Own>>,
): Promise<Own> {
  const workFolder = mkdtempSync(join(dirname(out), '.gavel-backup-'));
  try {
    const { manifest, contents } = await collect(workFolder);
    const written = join(workFolder, 'backup');
    await writeArchive(written, manifest, contents(), passphrase);
    await withArchive(written, schema, passphrase, async () => {});
    renameSync(written, out);
    syncFolder(dirname(out));
    return manifest;
  } finally {
    rmSync(workFolder, { recursive: true });
  }
}
