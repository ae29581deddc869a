/** This machine: the program, the home and who may read it, the settings, the terminal. Nothing is changed. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT } from '../../exit-codes.ts';
import { IdentityFile, parseJson } from '../../identity/identity.ts';
import { readPrivateFile } from '../../identity/private-files.ts';
import type { ClientIo } from '../../line/terminal.ts';
import type { Verdict } from './finding.ts';

const RIGHTS_OF_OTHERS = 0o077;
/** What is worth naming one by one. */
const MAX_NAMED = 5;

interface Manifest {
  readonly version: string;
  readonly engines: { readonly node: string };
}

/** The versions of program and runtime. */
export async function examineProgram(): Promise<Verdict> {
  const text = await readFile(new URL('../../../package.json', import.meta.url), 'utf8');
  const { version, engines } = JSON.parse(text) as Manifest;
  const least = engines.node.replace('>=', '');
  const says = `gavel ${version} on Node ${process.versions.node}`;
  const data = { version, node: process.versions.node };
  if (isAtLeast(process.versions.node, least)) return { state: 'ok', says, data };
  const advice = `It needs Node ${least} or later; start it by npm, which brings one.`;
  return { state: 'fail', says, advice, exit: EXIT.failure, data };
}

function isAtLeast(version: string, least: string): boolean {
  return version.localeCompare(least, 'en', { numeric: true }) >= 0;
}

/** Whether the home and everything in it is its owner's alone. */
export async function examineModes(directory: string): Promise<Verdict> {
  const open = await looseIn(directory);
  if (open === undefined) {
    return { state: 'warn', says: `there is no home at ${directory}`, advice: 'Run `gavel client`, which makes one.' };
  }
  if (open.length === 0) return { state: 'ok', says: `${directory}, for you alone` };
  const named = open.slice(0, MAX_NAMED).map(({ path, wanted }) => `chmod ${wanted} ${path}`);
  const more = open.length > MAX_NAMED ? [`and ${open.length - MAX_NAMED} more`] : [];
  return {
    state: 'fail',
    says: `others on this machine can read ${open.length === 1 ? 'a part' : `${open.length} parts`} of ${directory}`,
    advice: [...named, ...more].join('; '),
    exit: EXIT.usage,
    data: { open: open.map(({ path }) => path) },
  };
}

interface Loose {
  readonly path: string;
  readonly wanted: '700' | '600';
}

/** `undefined` where there is no such directory. */
async function looseIn(directory: string): Promise<Loose[] | undefined> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (entries === undefined) return undefined;
  const paths = [directory, ...entries.map(({ parentPath, name }) => join(parentPath, name))];
  const loose: Loose[] = [];
  for (const path of paths) {
    const about = await stat(path);
    if ((about.mode & RIGHTS_OF_OTHERS) !== 0) loose.push({ path, wanted: about.isDirectory() ? '700' : '600' });
  }
  return loose;
}

/** The identity as it lies there, its keys still closed; `undefined` where there is none. Throws `home-too-open` and `home-unreadable`. */
export async function readIdentity(directory: string): Promise<IdentityFile | undefined> {
  const bytes = await readPrivateFile(join(directory, 'identity.json'));
  return bytes === undefined ? undefined : parseJson(IdentityFile, bytes);
}

/** The least that the screen can be drawn in. */
const LEAST = { columns: 40, rows: 12 };
const COLOURS: Readonly<Record<number, string>> = {
  1: 'no colour',
  4: '16 colours',
  8: '256 colours',
  24: 'all colours',
};

/** What the screen has to be drawn with. */
export function examineTerminal({ stdin, stdout, env }: ClientIo): Verdict {
  if (stdin.isTTY !== true || stdout.isTTY !== true) {
    return { state: 'ok', says: 'none here: `gavel client` would speak JSON lines' };
  }
  const { columns = 0, rows = 0 } = stdout as { readonly columns?: number; readonly rows?: number };
  const isUnicode = /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '');
  const colours = coloursOf(stdout, env);
  const says = `${columns}×${rows}, ${colours}, ${isUnicode ? 'UTF-8' : 'not UTF-8'}`;
  const data = { columns, rows, colours, unicode: isUnicode };
  if (columns < LEAST.columns || rows < LEAST.rows) {
    return { state: 'warn', says, advice: `Make it ${LEAST.columns}×${LEAST.rows} or larger, or use --plain.`, data };
  }
  if (!isUnicode) return { state: 'warn', says, advice: 'Set LANG to a UTF-8 locale, or use --plain.', data };
  return { state: 'ok', says, data };
}

function coloursOf(stdout: object, env: ClientIo['env']): string {
  if ((env['NO_COLOR'] ?? '') !== '') return 'no colour (NO_COLOR)';
  const depth = 'getColorDepth' in stdout && typeof stdout.getColorDepth === 'function' ? stdout.getColorDepth(env) : 1;
  return COLOURS[Number(depth)] ?? 'no colour';
}
