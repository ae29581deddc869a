/** The lines that were typed in this home, for the prompt's history. Never a bid: the file would link pseudonymous bids to a person. */
import { join } from 'node:path';
import { findCommand } from '../commands/command-table.ts';
import { openPrivateDirectory, readPrivateFile, writePrivateFile } from './private-files.ts';

/** Enough to go back to; the file stays small. */
const MAX_LINES = 200;
const FILE_NAME = 'history';

/** The kept lines, the newest last. Throws `home-too-open` and `home-unreadable`. */
export async function loadHistory(directory: string): Promise<string[]> {
  const bytes = await readPrivateFile(join(directory, FILE_NAME));
  return bytes === undefined ? [] : new TextDecoder().decode(bytes).split('\n').filter(isKept).slice(-MAX_LINES);
}

/** Keeps the newest of these lines in place of what was kept. Throws `home-unreadable`. */
export async function saveHistory(directory: string, lines: readonly string[]): Promise<void> {
  await openPrivateDirectory(directory);
  const text = lines
    .filter(isKept)
    .slice(-MAX_LINES)
    .map((line) => `${line}\n`);
  await writePrivateFile(join(directory, FILE_NAME), text.join(''));
}

/**
 * Commands that are known and do not bid: a slip such as `/bdi 7 130.00` is a bid that followed at once. A repeated command
 * tells by its id which record was ours.
 */
function isKept(line: string): boolean {
  const name = /^\s*\/(\S+)/u.exec(line)?.[1]?.toLowerCase();
  const isKnown = name !== undefined && name !== 'bid' && findCommand(name) !== undefined;
  return isKnown && !line.includes('--repeat') && !line.includes('\n');
}
