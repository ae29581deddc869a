/** A secret in a file that the operator names, as service managers and containers hand them to programs. */
import { closeSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { StartError } from './start-error.ts';

/** What the group and everybody else may do. */
const RIGHTS_OF_OTHERS = 0o077;

/**
 * The text of the file that `variable` names, without a line end at its end.
 * @throws StartError where it can't be read, holds nothing, or is ours and others have rights on it
 */
export function readSecretFile(path: string, variable: string): string {
  const text = read(path, variable).replace(/\r?\n$/, '');
  if (text === '') throw new StartError(`${variable}: ${path} is empty; write the secret into it.`);
  return text;
}

function read(path: string, variable: string): string {
  try {
    // One handle for the look at its rights and for the reading: it can't be another file in between.
    const file = openSync(path, 'r');
    try {
      demandPrivate(path, fstatSync(file), variable);
      return readFileSync(file, 'utf8');
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof StartError) throw error;
    // The system's own message names the path and the reason.
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`${variable}: the file can not be read: ${reason}.`, { cause: error });
  }
}

/** As OpenSSH judges keys: a file of ours is ours to protect; what root put there for us is root's. */
function demandPrivate(path: string, { uid, mode }: Stats, variable: string): void {
  if (uid !== ownUser() || (mode & RIGHTS_OF_OTHERS) === 0) return;
  throw new StartError(
    `${variable}: others than its owner have rights on ${path}; run chmod 600 ${path}, and replace the secret if it may have been read.`,
  );
}

/** -1 on systems without users of that kind. */
function ownUser(): number {
  return process.getuid?.() ?? -1;
}
