/** The two servers that are compared, each a process with a state of its own, both on the same core. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from '../child.ts';
import type { Pinning } from '../cores.ts';

const UNLIMITED = '999999999';

export interface Served {
  readonly url: string;
  readonly rootPem: string;
  readonly child: Child;
}

export interface ServeOptions {
  /** Where the states go. */
  readonly folder: string;
  readonly pinning: Pinning;
  readonly signal: AbortSignal;
  /** Where Node writes a profile of the service when it ends; absent: it makes none. */
  readonly profile: string | undefined;
}

/** The Trusted Service as anybody would start it. */
export function serveTrustedService(options: ServeOptions): Promise<Served> {
  const file = fileURLToPath(new URL('../../gavel.ts', import.meta.url));
  return serve('service', options, file, (home) => [
    'trusted-service',
    ...['--home', home, '--port', '0'],
    // All the load comes from one address, and is more than one may ask.
    ...['--timestamps-per-address', UNLIMITED],
  ]);
}

/** The same server with a constant answer of so many bytes. */
export function serveYardstick(options: ServeOptions, bytes: number): Promise<Served> {
  const file = fileURLToPath(new URL('./yardstick.ts', import.meta.url));
  return serve('yardstick', options, file, (home) => [home, String(bytes)]);
}

async function serve(
  name: string,
  { folder, pinning, signal, profile }: ServeOptions,
  file: string,
  args: (home: string) => readonly string[],
): Promise<Served> {
  const home = join(folder, name);
  await mkdir(home, { mode: 0o700 });
  const profiling =
    profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${name}.cpuprofile`];
  const child = new Child({ pinning, nodeOptions: profiling, file, args: args(home), signal });
  const { listening, rootFile } = JSON.parse(await child.line()) as { listening: string; rootFile: string };
  return { url: listening, rootPem: await readFile(rootFile, 'utf8'), child };
}
