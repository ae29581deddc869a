/**
 * What the rules and the form of the state are known by: a digest of their own source. A snapshot by other source is not
 * read, so nobody has to remember to count up a version when a rule changes.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/** Everything that takes part in making state from records. */
const FOLDERS = [
  'dms/auction',
  'dms/commit',
  'dms/proof',
  'dms/snapshot',
  'shared/crypto',
  'shared/journal',
  'shared/merkle',
  'shared/timestamp',
  'shared/wire',
];

/** SHA-256 in hexadecimal, the same wherever the program lies. */
export function programForm(): string {
  const digest = createHash('sha256');
  for (const folder of FOLDERS) {
    for (const name of readdirSync(join(PROJECT, folder)).toSorted()) {
      const source = readFileSync(join(PROJECT, folder, name));
      digest.update(`${folder}/${name} ${source.length}\n`).update(source);
    }
  }
  return digest.digest('hex');
}
