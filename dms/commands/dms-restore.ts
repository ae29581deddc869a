/** `gavel dms-restore`: puts the backup of a DMS where no state is, all of it or nothing. */
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { complainOfBackup, PASSPHRASE_OPTIONS, readPassphrase } from '../../shared/backup/backup-io.ts';
import { demandEmpty, putInPlace } from '../../shared/backup/put-in-place.ts';
import { withArchive } from '../../shared/backup/read-archive.ts';
import { type CommandIo, type CommandOption, EXIT } from '../../shared/command-io.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { StartError } from '../../shared/start-error.ts';
import { JOURNAL_FILE } from '../backup/collect-house.ts';
import { Manifest } from '../backup/manifest.ts';
import { WriterLock } from '../journal/writer-lock.ts';
import { dmsFolder } from './dms-backup.ts';

/** As they were typed. */
export interface DmsRestoreOptions {
  readonly from?: string;
  readonly home?: string;
}

export const DMS_RESTORE_OPTIONS: readonly CommandOption[] = [
  { flags: '--from <file>', help: 'the backup' },
  {
    flags: '--home <folder>',
    help: 'the folder of all state; none of a DMS may be there',
    variable: 'GAVEL_HOME',
  },
  ...PASSPHRASE_OPTIONS,
];

const FOLDER_MODE = 0o700;

/** Prints one line of JSON about what is there now. Resolves with the exit code. */
export async function runDmsRestore({ from, home }: DmsRestoreOptions, io: CommandIo): Promise<number> {
  try {
    const target = dmsFolder(home, io.env);
    if (from === undefined) throw new StartError('Say with --from which backup is to be restored.');
    demandEmpty(target, 'A DMS', isInUse);
    const { madeAt, house, position } = await withArchive(from, Manifest, readPassphrase(io.env), async (archive) => {
      putInPlace(archive, target, (staging) => chmodSync(staging, FOLDER_MODE));
      return archive.manifest;
    });
    io.stdout.write(`${JSON.stringify({ restored: target, madeAt, house, position })}\n`);
    io.stderr.write(
      `The journal is that of ${new Date(madeAt).toISOString()}, with ${position} records. If the Trusted Service has seen more of it, as the
witness, the DMS will not start (journal-behind): what came later was acknowledged, and bidders hold receipts for it.
Never let the old state run again beside this one.
`,
    );
    return EXIT.done;
  } catch (error) {
    return complainOfBackup(error, io);
  }
}

function isInUse(folder: string): boolean {
  const journal = join(folder, JOURNAL_FILE);
  if (!existsSync(`${journal}.lock`)) return false;
  try {
    WriterLock.take(journal).release();
    return false;
  } catch (error) {
    if (error instanceof ProtocolError) return true;
    throw error;
  }
}
