/** State that is put aside, and put back. */
import { chmodSync, cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A folder with everything in it, for its owner alone as the original. */
export function copyFolder(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  for (const entry of ['.', ...readdirSync(to, { recursive: true, encoding: 'utf8' })]) {
    const isFile = /\.\w+$/.test(entry);
    chmodSync(join(to, entry), isFile ? 0o600 : 0o700);
  }
}
