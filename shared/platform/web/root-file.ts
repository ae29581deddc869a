/** There are no files: the twin of `node/root-file.ts`. */

/** Throws always: the root is given as a certificate, or by its fingerprint. */
export async function readRootFile(_path: string): Promise<string> {
  throw new Error('there are no files here: give the root certificate itself, or sha256: and its fingerprint');
}
