/** Reads the file of a root certificate. Its twin is `web/root-file.ts`. */
import { readFile } from 'node:fs/promises';

/** The text of the file. Throws the file system's error. */
export function readRootFile(path: string): Promise<string> {
  return readFile(path, 'utf8');
}
