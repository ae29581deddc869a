/** `gavel root export`: moves the root's private key out of the state folder, to be kept where no network reaches it. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { type CommandIo, type CommandOption, complain, EXIT } from '../../shared/command-io.ts';
import { verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { PrivateFolder, syncFolder } from '../../shared/private-folder.ts';
import { StartError } from '../../shared/start-error.ts';
import { certificateFile, keyFile, loadRootKey } from '../authority-keys.ts';
import { stateFolder } from '../config.ts';

/** As they were typed. */
export interface RootOptions {
  readonly home?: string;
  readonly out?: string;
}

export const ROOT_OPTIONS: readonly CommandOption[] = [
  { flags: '--home <folder>', help: 'the folder of all state', variable: 'GAVEL_HOME' },
  { flags: '--out <file>', help: 'where the root key goes: a new file, on another disk if you can' },
];

/** Works with a stopped service and with a running one, which reads the key only when it needs it. */
export async function runRoot(typed: string, options: RootOptions, io: CommandIo): Promise<number> {
  try {
    if (typed !== 'export') throw new StartError("The one thing to do with the root is to 'export' its key.");
    if (options.out === undefined) throw new StartError('Say where the key goes: --out FILE.');
    const home = options.home ?? (io.env['GAVEL_HOME'] || envPaths('gavel', { suffix: '' }).data);
    moveRootKey(join(stateFolder(home), 'keys'), resolve(options.out));
    io.stderr.write(`The root key is in ${options.out} and no longer at the service. Without it no issuing CA can\n`);
    io.stderr.write('be certified after the present ones: keep a second copy, and keep both offline.\n');
    return EXIT.done;
  } catch (error) {
    return complain(error, io);
  }
}

function moveRootKey(path: string, target: string): void {
  if (!existsSync(path)) throw new StartError(`There are no keys at ${path}; give the folder with --home.`);
  const folder = PrivateFolder.load(path);
  const pem = folder.readPublic(certificateFile('root'));
  if (pem === undefined) throw new StartError(`There is no root at ${path}; start the service once.`);
  const root = verifyRoot(pem);
  // A key that is another one's, or is gone already, is said here, before anything is moved.
  if (loadRootKey(folder, root) === undefined) throw new StartError('The root key is not here: it was moved before.');
  if (folder.readPublic(certificateFile('issuing-ca')) === undefined) {
    throw new StartError('There is no issuing CA yet, and the root key has to certify one; start the service once.');
  }
  const secret = folder.readSecret(keyFile('root')) ?? '';
  writeNew(target, secret);
  if (readFileSync(target, 'utf8') !== secret) throw new StartError(`${target} did not keep what was written to it.`);
  folder.remove(keyFile('root'));
}

/** The bytes, and the file's name, are on disk when this returns. Throws `StartError`, also where the file is there. */
function writeNew(target: string, text: string): void {
  try {
    const file = openSync(target, 'wx', 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    syncFolder(dirname(target));
  } catch (cause) {
    // The system's own message names the path and the reason.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(`The key stays where it is: ${reason}.`, { cause });
  }
}
