/** What `gavel backup` and `gavel restore` have in common: the passphrase, and how they say that something went wrong. */
import { readFileSync } from 'node:fs';
import { StartError } from '../../shared/start-error.ts';
import { ArchiveError } from '../backup/archive-format.ts';
import { type CommandIo, type CommandOption, complain, EXIT } from './command-io.ts';

const PASSPHRASE = 'GAVEL_BACKUP_PASSPHRASE';
const PASSPHRASE_FILE = 'GAVEL_BACKUP_PASSPHRASE_FILE';

export const PASSPHRASE_OPTIONS: readonly CommandOption[] = [
  { help: 'the passphrase of the backup', variable: PASSPHRASE },
  { help: 'a file with the passphrase, instead', variable: PASSPHRASE_FILE },
];

/** The passphrase, if one is set. An empty variable counts as none. Throws `StartError`. */
export function readPassphrase(env: CommandIo['env']): string | undefined {
  const [given, file] = [env[PASSPHRASE] || undefined, env[PASSPHRASE_FILE] || undefined];
  if (given !== undefined && file !== undefined)
    throw new StartError(`Set ${PASSPHRASE} or ${PASSPHRASE_FILE}, not both.`);
  if (file === undefined) return given;
  try {
    const [line = ''] = readFileSync(file, 'utf8').split(/\r?\n/, 1);
    if (line !== '') return line;
  } catch (cause) {
    // The system's own message names the reason.
    throw new StartError(`${PASSPHRASE_FILE} can not be read: ${(cause as Error).message}.`, { cause });
  }
  throw new StartError(`${PASSPHRASE_FILE} has no passphrase in its first line.`);
}

/** Says what ended the command, and gives its exit code. A mistake of ours is thrown on. */
export function complainOfBackup(error: unknown, io: CommandIo): number {
  if (error instanceof ArchiveError) {
    io.stderr.write(`${error.message}\n`);
    return error.kind === 'passphrase' ? EXIT.notAuthorised : EXIT.untrusted;
  }
  // The disk is full, a path is wrong, rights are missing: the system's own message names which.
  if (error instanceof Error && 'syscall' in error) {
    io.stderr.write(`${error.message}.\n`);
    return EXIT.failure;
  }
  return complain(error, io);
}
