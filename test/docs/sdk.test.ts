/** docs/SDK.md keeps its word: every example compiles, runs against a real house, and prints what stands under it. */
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asAuctionError } from '../../client/errors.ts';
import { ProtocolError, REFUSAL_CODES } from '../../shared/errors.ts';
import { RunningHouse } from '../support/running-house.ts';
import { soon } from '../support/until.ts';
import { bundleForBrowsers, webWorld } from '../support/web-bundle.ts';
import { readDocument } from './read-document.ts';

const PROJECT = join(import.meta.dirname, '../..');
const EXAMPLE = /^```ts ([a-z-]+)\n([\s\S]*?)\n```$/gm;
/** A process starts, and a compiler works, on a machine that has more to do. */
const PATIENCE_MS = 60_000;

const document = readDocument('SDK.md');
const examples = new Map(Array.from(document.text.matchAll(EXAMPLE), ([, name = '', code = '']) => [name, code]));

let folder: string;
let house: RunningHouse;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gavel-sdk-'));
  mkdirSync(join(folder, 'node_modules'));
  mkdirSync(join(folder, 'homes'));
  // As `npm install <folder>` does it.
  symlinkSync(PROJECT, join(folder, 'node_modules', 'gavel'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  for (const [name, code] of examples) writeFileSync(join(folder, `${name}.ts`), `${code}\n`);
  house = await RunningHouse.start();
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true });
});

interface Run {
  readonly child: ReturnType<typeof spawn>;
  readonly lines: AsyncIterator<string>;
}

/** Starts an example, as its reader would. */
function start(name: string): Run {
  const env = {
    PATH: process.env['PATH'],
    GAVEL_TRUSTED_SERVICE_URL: house.serviceUrl,
    GAVEL_DMS_URL: house.dmsUrl,
    GAVEL_ROOT: `sha256:${house.root.sha256}`,
  };
  const child = spawn(process.execPath, [`${name}.ts`], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, lines: createInterface(child.stdout!)[Symbol.asyncIterator]() };
}

async function linesOf({ lines }: Run): Promise<string[]> {
  const all: string[] = [];
  for (;;) {
    const line = await soon('the end of the example', lines.next(), PATIENCE_MS);
    if (line.done === true) return all;
    all.push(line.value);
  }
}

const printed = async (name: string) => (await linesOf(start(name))).join('\n');

/** With the compiler's settings of this project, and a declared name for everything that is not a module's. */
const settings = {
  extends: join(PROJECT, 'tsconfig.json'),
  compilerOptions: { typeRoots: [join(PROJECT, 'node_modules/@types')], rootDir: '/' },
  include: ['*.ts'],
};

describe('the examples of docs/SDK.md', () => {
  it('are there, each with what it prints', () => {
    expect([...examples.keys()]).toEqual(['enter', 'list', 'bid', 'listen', 'meet', 'insist', 'page']);
    expect(document.blockNames).toEqual([...examples.keys()].slice(1, -1));
  });

  it('compile', { timeout: PATIENCE_MS }, async () => {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
    const compiler = join(PROJECT, 'node_modules/typescript/bin/tsc');
    const compiled = promisify(execFile)(process.execPath, [compiler, '-p', folder]);
    await expect(compiled).resolves.toEqual({ stdout: '', stderr: '' });
  });

  it.each(['list', 'bid', 'listen'])('%s', { timeout: PATIENCE_MS }, async (name) => {
    expect(await printed(name)).toBe(document.block(name));
  });

  it('meet', { timeout: PATIENCE_MS }, async () => {
    const run = start('meet');
    const first = await soon('its first line', run.lines.next(), PATIENCE_MS);
    await house.travelPastClosing(house.now() + 600_000);
    expect([first.value, ...(await linesOf(run))].join('\n')).toBe(document.block('meet'));
  });

  it('insist', { timeout: PATIENCE_MS }, async () => {
    const sam = await house.enrolled('tom');
    await sam.list(house.terms({ closesAt: Math.round(house.now()) + 600_000 }));
    await house.stopDms();
    const run = start('insist');
    const first = await soon('its first line', run.lines.next(), PATIENCE_MS);
    await house.startDms();
    expect([...new Set([first.value, ...(await linesOf(run))])].join('\n')).toBe(document.block('insist'));
  });
});

describe('the example without Node', () => {
  it('bids', { timeout: PATIENCE_MS }, async () => {
    const { code, metafile } = await bundleForBrowsers(examples.get('page')!, folder);
    expect(Object.keys(metafile.inputs).filter((path) => path.includes('platform/node'))).toEqual([]);
    const world = webWorld(house.root.pem);
    const { bidOnce } = world.run(`${code}\ngavel`) as { bidOnce(...parts: unknown[]): Promise<string> };
    const { serviceUrl: trustedServiceUrl, dmsUrl } = house;
    const addresses = { trustedServiceUrl, dmsUrl, root: `sha256:${house.root.sha256}` };
    expect(await bidOnce(addresses, 'memory:eve', 'eve')).toBe('accepted');
    await world.close();
  });
});

describe('the table of errors', () => {
  it('names the class of every kind that a refusal can have', () => {
    const rows = document
      .rows('## Errors')
      .map(([kind, name]) => [kind?.replaceAll('`', ''), name?.replaceAll('`', '')]);
    const told = new Map(rows as [string, string][]);
    for (const code of REFUSAL_CODES) {
      const error = asAuctionError(new ProtocolError(code)) as { kind: string; constructor: { name: string } };
      expect(told.get(error.kind)).toBe(error.constructor.name);
    }
    expect([...told.keys()]).toEqual(['rejected', 'failed', 'trust', 'usage']);
  });
});
