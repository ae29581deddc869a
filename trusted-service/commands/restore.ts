/** `gavel restore`: puts a backup where no state is, all of it or nothing, and makes it fit to go on from today. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import envPaths from 'env-paths';
import { syncFolder } from '../../shared/private-folder.ts';
import { StartError } from '../../shared/start-error.ts';
import { type Clock, systemClock } from '../../shared/time/clock.ts';
import { type Archive, withArchive } from '../backup/read-archive.ts';
import { type RenewedState, renewState } from '../backup/renew-state.ts';
import { stateFolder } from '../config.ts';
import { isStoreInUse } from '../store/store.ts';
import { complainOfBackup, PASSPHRASE_OPTIONS, readPassphrase } from './backup-io.ts';
import { type CommandIo, type CommandOption, EXIT } from './command-io.ts';

/** As they were typed. */
export interface RestoreOptions {
  readonly from?: string;
  readonly home?: string;
  readonly crl?: readonly string[];
}

export const RESTORE_OPTIONS: readonly CommandOption[] = [
  { flags: '--from <file>', help: 'the backup' },
  {
    flags: '--home <folder>',
    help: 'the folder of all state; none of a Trusted Service may be there',
    variable: 'GAVEL_HOME',
  },
  {
    flags: '--crl <file...>',
    help: 'the last revocation list of each issuing CA, in DER: what they revoke stays revoked',
  },
  ...PASSPHRASE_OPTIONS,
];

const FOLDER_MODE = 0o700;

/** Prints one line of JSON about what is there now. Resolves with the exit code. */
export async function runRestore(
  options: RestoreOptions,
  io: CommandIo,
  machine: Clock = systemClock,
): Promise<number> {
  try {
    const target = stateFolder(options.home ?? (io.env['GAVEL_HOME'] || envPaths('gavel', { suffix: '' }).data));
    const { from, crl = [] } = options;
    if (from === undefined) throw new StartError('Say with --from which backup is to be restored.');
    demandEmpty(target);
    const lists = crl.map((path) => readFileSync(path));
    const restored = await withArchive(from, readPassphrase(io.env), async (archive) => {
      const renewed = putInPlace(archive, target, machine, lists);
      return { restored: target, madeAt: archive.manifest.madeAt, authority: archive.manifest.authority, ...renewed };
    });
    io.stdout.write(`${JSON.stringify(restored)}\n`);
    io.stderr.write(warningsFor(restored, lists.length > 0));
    return EXIT.done;
  } catch (error) {
    return complainOfBackup(error, io);
  }
}

function demandEmpty(target: string): void {
  if (!existsSync(target) || readdirSync(target).length === 0) return;
  if (isStoreInUse(target))
    throw new StartError(`A Trusted Service works with ${target}; stop it, and move its state away.`);
  throw new StartError(`There is state in ${target}, and a restore replaces none: move it away first, and keep it.`);
}

/** Everything is made ready in a folder beside the target, which then takes its name at once. */
function putInPlace(archive: Archive, target: string, machine: Clock, lists: readonly Uint8Array[]): RenewedState {
  const home = dirname(target);
  mkdirSync(home, { recursive: true, mode: FOLDER_MODE });
  const staging = mkdtempSync(`${target}.restoring-`);
  try {
    archive.extract(staging);
    const renewed = renewState(staging, archive.manifest, Math.floor(machine.now()), lists);
    for (const folder of [join(staging, 'keys'), staging]) syncFolder(folder);
    moveTo(staging, target);
    syncFolder(home);
    return renewed;
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    throw error;
  }
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

/** What is lost can't be known from the backup: so all of it is said. */
function warningsFor(
  { madeAt, endedInvites, revokedKeys, unknownRevoked }: RenewedState & { madeAt: number },
  hasLists: boolean,
) {
  const lines = [
    `The state is that of ${new Date(madeAt).toISOString()}. What the service did since then is lost:`,
    '- Who enrolled since then has to enrol again, and the user name is free until then.',
    hasLists
      ? `- Revocations: ${revokedKeys} keys of the lists were not revoked in the backup, and are now. ${unknownRevoked} certificates of them were issued later: they stay revoked, but their keys could enrol again.`
      : '- Revocations since then do not count any more! If you have the last published lists, begin again with --crl.',
    `- Invites: ${endedInvites} that were open have ended, since they may have been used. Make new ones with gavel invite.`,
    '- Keys that took over since then are gone, and former ones sign again. If one was rotated because it was stolen, rotate it again: gavel rotate KEY --now.',
    '- Lots whose parties were named to each other since then could be disclosed once more.',
    '- The audit journal goes on from the backup: heads that were noted later are not of this journal.',
    'Timestamps, epochs and list numbers go on far beyond those of the backup, by the clock of this machine.',
    'Never let the old state run again beside this one.',
  ];
  return `${lines.join('\n')}\n`;
}
