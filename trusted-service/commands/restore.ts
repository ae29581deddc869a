/** `gavel restore`: puts a backup where no state is, all of it or nothing, and makes it fit to go on from today. */
import { readFileSync } from 'node:fs';
import envPaths from 'env-paths';
import { complainOfBackup, PASSPHRASE_OPTIONS, readPassphrase } from '../../shared/backup/backup-io.ts';
import { demandEmpty, putInPlace } from '../../shared/backup/put-in-place.ts';
import { withArchive } from '../../shared/backup/read-archive.ts';
import { type CommandIo, type CommandOption, EXIT } from '../../shared/command-io.ts';
import { StartError } from '../../shared/start-error.ts';
import { type Clock, systemClock } from '../../shared/time/clock.ts';
import { Manifest } from '../backup/manifest.ts';
import { type RenewedState, renewState } from '../backup/renew-state.ts';
import { stateFolder } from '../config.ts';
import { isStoreInUse } from '../store/store.ts';

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
    demandEmpty(target, 'A Trusted Service', isStoreInUse);
    const lists = crl.map((path) => readFileSync(path));
    const restored = await withArchive(from, Manifest, readPassphrase(io.env), async (archive) => {
      const { manifest } = archive;
      const now = Math.floor(machine.now());
      const renewed = putInPlace(archive, target, (staging) => renewState(staging, manifest, now, lists));
      return { restored: target, madeAt: manifest.madeAt, authority: manifest.authority, ...renewed };
    });
    io.stdout.write(`${JSON.stringify(restored)}\n`);
    io.stderr.write(warningsFor(restored, lists.length > 0));
    return EXIT.done;
  } catch (error) {
    return complainOfBackup(error, io);
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
