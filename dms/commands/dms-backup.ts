/** `gavel dms-backup`: the whole state of a DMS in one file, also while it runs. */
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { complainOfBackup, PASSPHRASE_OPTIONS } from '../../shared/backup/backup-io.ts';
import { outsideOf, passphraseFor, writeBackup } from '../../shared/backup/write-backup.ts';
import { type CommandIo, type CommandOption, EXIT } from '../../shared/command-io.ts';
import { StartError } from '../../shared/start-error.ts';
import { type Clock, systemClock } from '../../shared/time/clock.ts';
import { collectHouse, type HousePlace, JOURNAL_FILE } from '../backup/collect-house.ts';
import { Manifest } from '../backup/manifest.ts';

/** As they were typed. */
export interface DmsBackupOptions {
  readonly out?: string;
  readonly home?: string;
  readonly journal?: string;
  readonly plain?: boolean;
}

export const DMS_BACKUP_OPTIONS: readonly CommandOption[] = [
  { flags: '--out <file>', help: 'the file to write; there must be none of this name' },
  { flags: '--home <folder>', help: 'the folder of all state', variable: 'GAVEL_HOME' },
  {
    flags: '--journal <sqlite:file>',
    help: 'where the journal is, if it is not in the state folder',
    variable: 'GAVEL_JOURNAL',
  },
  { flags: '--plain', help: 'do not encrypt: whoever reads the file then has the key of the node, and all statements' },
  ...PASSPHRASE_OPTIONS,
];

const SQLITE = 'sqlite:';

/** Prints one line of JSON about what was written. Resolves with the exit code. */
export async function runDmsBackup(
  options: DmsBackupOptions,
  io: CommandIo,
  machine: Clock = systemClock,
): Promise<number> {
  try {
    const place = placeOf(options, io.env);
    const out = outsideOf(place.folder, options.out);
    const passphrase = passphraseFor(options, io.env, 'the key of the node and what only the house may read');
    const now = Math.floor(machine.now());
    const collect = (workFolder: string) => collectHouse(place, workFolder, now);
    const { madeAt, house, position } = await writeBackup(out, Manifest, passphrase, collect);
    const encrypted = passphrase !== undefined;
    const told = { backup: out, bytes: statSync(out).size, encrypted, madeAt, house, position };
    io.stdout.write(`${JSON.stringify(told)}\n`);
    io.stderr.write(encrypted ? KEEP_APART : NOT_ENCRYPTED);
    return EXIT.done;
  } catch (error) {
    return complainOfBackup(error, io);
  }
}

const KEEP_APART = 'Without the passphrase the backup is of no use to anybody: keep it, and not beside the file.\n';
const NOT_ENCRYPTED = 'The backup is NOT encrypted: whoever reads it has the key of the node.\n';

/** The state folder of a DMS in this home. */
export function dmsFolder(home: string | undefined, env: CommandIo['env']): string {
  return join(home ?? (env['GAVEL_HOME'] || envPaths('gavel', { suffix: '' }).data), 'dms');
}

function placeOf({ home, journal }: DmsBackupOptions, env: CommandIo['env']): HousePlace {
  const folder = dmsFolder(home, env);
  const place = journal ?? (env['GAVEL_JOURNAL'] || undefined);
  if (place === undefined) return { folder, journalFile: join(folder, JOURNAL_FILE) };
  if (place.startsWith(SQLITE)) return { folder, journalFile: resolve(place.slice(SQLITE.length)) };
  throw new StartError(
    'The journal is in a database server: back that up with its own tools, and keep a copy of the state folder.',
  );
}
