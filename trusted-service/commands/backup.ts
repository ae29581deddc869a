/** `gavel backup`: the whole state of a Trusted Service in one file, also while the service runs. */
import { statSync } from 'node:fs';
import envPaths from 'env-paths';
import { complainOfBackup, PASSPHRASE_OPTIONS } from '../../shared/backup/backup-io.ts';
import { outsideOf, passphraseFor, writeBackup } from '../../shared/backup/write-backup.ts';
import { type CommandIo, type CommandOption, EXIT } from '../../shared/command-io.ts';
import { type Clock, systemClock } from '../../shared/time/clock.ts';
import { collectState } from '../backup/collect-state.ts';
import { Manifest } from '../backup/manifest.ts';
import { stateFolder } from '../config.ts';

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

/** Prints one line of JSON about what was written. Resolves with the exit code. */
export async function runBackup(options: BackupOptions, io: CommandIo, machine: Clock = systemClock): Promise<number> {
  try {
    const folder = stateFolder(options.home ?? (io.env['GAVEL_HOME'] || envPaths('gavel', { suffix: '' }).data));
    const out = outsideOf(folder, options.out);
    const passphrase = passphraseFor(options, io.env, 'the private keys of the authority');
    const now = Math.floor(machine.now());
    const collect = (workFolder: string) => collectState(folder, workFolder, now);
    const { madeAt, authority, auditHead } = await writeBackup(out, Manifest, passphrase, collect);
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
