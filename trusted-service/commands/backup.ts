/** `gavel backup`: the whole state of a Trusted Service in one file, also while the service runs. */
import { existsSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import envPaths from 'env-paths';
import { syncFolder } from '../../shared/private-folder.ts';
import { StartError } from '../../shared/start-error.ts';
import { type Clock, systemClock } from '../../shared/time/clock.ts';
import type { Manifest } from '../backup/archive-format.ts';
import { collectState } from '../backup/collect-state.ts';
import { withArchive } from '../backup/read-archive.ts';
import { writeArchive } from '../backup/write-archive.ts';
import { stateFolder } from '../config.ts';
import { complainOfBackup, PASSPHRASE_OPTIONS, readPassphrase } from './backup-io.ts';
import { type CommandIo, type CommandOption, EXIT } from './command-io.ts';

/** As they were typed. */
export interface BackupOptions {
  readonly out?: string;
  readonly home?: string;
  readonly plain?: boolean;
}

export const BACKUP_OPTIONS: readonly CommandOption[] = [
  { flags: '--out <file>', help: 'the file to write; there must be none of this name' },
  { flags: '--home <folder>', help: 'the folder of all state', variable: 'GAVEL_HOME' },
  { flags: '--plain', help: 'do not encrypt: whoever reads the file then has the keys of the authority' },
  ...PASSPHRASE_OPTIONS,
];

/** Long enough that half a second for each guess is a protection. */
const MIN_PASSPHRASE_CHARACTERS = 12;

/** Prints one line of JSON about what was written. Resolves with the exit code. */
export async function runBackup(options: BackupOptions, io: CommandIo, machine: Clock = systemClock): Promise<number> {
  try {
    const folder = stateFolder(options.home ?? (io.env['GAVEL_HOME'] || envPaths('gavel', { suffix: '' }).data));
    const out = outsideOf(folder, options.out);
    const passphrase = passphraseFor(options, io.env);
    const { madeAt, authority, auditHead } = await write(folder, out, passphrase, Math.floor(machine.now()));
    const encrypted = passphrase !== undefined;
    const told = { backup: out, bytes: statSync(out).size, encrypted, madeAt, authority, auditHead };
    io.stdout.write(`${JSON.stringify(told)}\n`);
    io.stderr.write(encrypted ? KEEP_APART : NOT_ENCRYPTED);
    return EXIT.done;
  } catch (error) {
    return complainOfBackup(error, io);
  }
}

const KEEP_APART = 'Without the passphrase the backup is of no use to anybody: keep it, and not beside the file.\n';
const NOT_ENCRYPTED = 'The backup is NOT encrypted: whoever reads it has the keys of the authority.\n';

function outsideOf(folder: string, typed: string | undefined): string {
  if (typed === undefined) throw new StartError('Say with --out where the backup goes.');
  const out = resolve(typed);
  if (!relative(folder, out).startsWith('..'))
    throw new StartError('--out must be outside of the state that is backed up.');
  if (existsSync(out)) throw new StartError(`${out} is there already; a backup replaces nothing.`);
  return out;
}

function passphraseFor({ plain }: BackupOptions, env: CommandIo['env']): string | undefined {
  const passphrase = readPassphrase(env);
  if (plain === true) {
    if (passphrase === undefined) return undefined;
    throw new StartError('--plain and a passphrase: say one of the two.');
  }
  if (passphrase === undefined) {
    throw new StartError(
      'The state holds the private keys of the authority: set GAVEL_BACKUP_PASSPHRASE or GAVEL_BACKUP_PASSPHRASE_FILE to encrypt it, or say --plain.',
    );
  }
  if ([...passphrase].length >= MIN_PASSPHRASE_CHARACTERS) return passphrase;
  throw new StartError(`The passphrase must have at least ${MIN_PASSPHRASE_CHARACTERS} characters.`);
}

/** Written beside its place, read back, and only then given its name. */
async function write(folder: string, out: string, passphrase: string | undefined, madeAt: number): Promise<Manifest> {
  const workFolder = mkdtempSync(join(dirname(out), '.gavel-backup-'));
  try {
    const { manifest, contents } = await collectState(folder, workFolder, madeAt);
    const written = join(workFolder, 'backup');
    await writeArchive(written, manifest, contents(), passphrase);
    await withArchive(written, passphrase, async () => {});
    renameSync(written, out);
    syncFolder(dirname(out));
    return manifest;
  } finally {
    rmSync(workFolder, { recursive: true });
  }
}
