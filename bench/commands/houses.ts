/** Houses as anybody would start them: one Trusted Service, and for each house so many DMS processes on one journal. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchSettings } from '../bench.ts';
import { Child } from '../child.ts';
import type { Pinning } from '../cores.ts';

const GAVEL = fileURLToPath(new URL('../../gavel.ts', import.meta.url));
const TOKEN_BYTES = 24;
/** All participants come from one address. */
const UNLIMITED = '999999999';

export interface Authority {
  readonly child: Child;
  readonly url: string;
  readonly rootFile: string;
  readonly rootPem: string;
  readonly operatorToken: string;
}

export interface Node {
  readonly child: Child;
  readonly url: string;
  readonly home: string;
}

type Settings = Pick<BenchSettings, 'folder' | 'signal' | 'env'>;

/** Options of Node's own for a server that is measured: a profile of each of its threads, where one is wanted. */
export function profiling(name: string, profile: string | undefined): string[] {
  return profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(profile, name)}`];
}

export async function startAuthority({ folder, signal, env: ours }: Settings): Promise<Authority> {
  const home = join(folder, 'authority');
  await mkdir(home, { mode: 0o700 });
  const operatorToken = randomBytes(TOKEN_BYTES).toString('hex');
  const env = { ...ours, GAVEL_OPERATOR_TOKEN: operatorToken };
  const args = ['trusted-service', '--home', home, '--port', '0', '--timestamps-per-address', UNLIMITED];
  const child = new Child({ pinning: [], file: GAVEL, args, env, isQuiet: true, signal });
  const { listening: url, rootFile } = JSON.parse(await child.line()) as { listening: string; rootFile: string };
  return { child, url, rootFile, operatorToken, rootPem: await readFile(rootFile, 'utf8') };
}

/** One node; its journal is a file of its own where no database is given. */
export async function startNode(
  name: string,
  { folder, signal, env: ours, profile }: Settings & Pick<BenchSettings, 'profile'>,
  authority: Authority,
  database?: string,
  pinning: Pinning = [],
): Promise<Node> {
  const home = join(folder, name);
  await mkdir(home, { mode: 0o700 });
  const env = {
    ...ours,
    GAVEL_OPERATOR_TOKEN: authority.operatorToken,
    GAVEL_TRUSTED_SERVICE_URL: authority.url,
    GAVEL_ROOT: authority.rootFile,
    ...(database === undefined ? {} : { GAVEL_JOURNAL: database }),
  };
  const child = new Child({
    pinning,
    nodeOptions: profiling(name, profile),
    file: GAVEL,
    args: ['dms', '--home', home, '--port', '0'],
    env,
    isQuiet: true,
    signal,
  });
  const { listening: url } = JSON.parse(await child.line()) as { listening: string };
  return { child, url, home };
}
