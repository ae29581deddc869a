/** What `gavel backup` and `gavel restore` have in common: the passphrase, and how they say that something went wrong. */

import { type CommandIo, type CommandOption, complain, EXIT } from '../command-io.ts';
import { secretFrom } from '../settings.ts';
import { ArchiveError } from './archive-format.ts';

const PASSPHRASE = 'GAVEL_BACKUP_PASSPHRASE';

export const PASSPHRASE_OPTIONS: readonly CommandOption[] = [
  { help: 'the passphrase of the backup', variable: PASSPHRASE, secret: true },
];

/** The passphrase, if one is set. An empty variable counts as none. Throws `StartError`. */
export function readPassphrase(env: CommandIo['env']): string | undefined {
  return secretFrom(env, PASSPHRASE);
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
