/** `gavel verify --log` at servers that answer what they like. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runExport } from '../../../client/audit/export-command.ts';
import { runVerify } from '../../../client/audit/verify-command.ts';
import { encodeBase64url } from '../../../shared/bytes.ts';
import type { LogEntry } from '../../../shared/wire/log.ts';
import { type Lies, serveLog } from '../../support/log-server.ts';
import { SigningHouse, type Step, termsAt } from '../../support/signing-house.ts';

const folder = mkdtempSync(join(tmpdir(), 'gavel-log-'));
const STEPS: readonly Step[] = [
  { kind: 'listed', lot: 'desk', at: 0, serial: 1, terms: termsAt() },
  ...Array.from({ length: 300 }, (_, n): Step => {
    return { kind: 'bid', lot: 'desk', at: 100 * n + 100, serial: 10 + n, amount: 100 + 10 * n, closesAt: 60_000 };
  }),
];
let house: SigningHouse;
let servers: Server[] = [];
beforeAll(async () => {
  house = await (await SigningHouse.create()).record(STEPS);
  writeFileSync(join(folder, 'root.pem'), house.root.pem);
});
afterEach(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  servers = [];
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Two servers that are honest but for these lies. */
async function serve(lies: Lies): Promise<{ log: string; trustedServiceUrl: string }> {
  const served = await serveLog(house, lies);
  servers.push(...served.servers);
  return served;
}

async function run(program: 'verify' | 'export', lies: Lies, options: object = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const said = { out: '', err: '' };
  stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  const io = { stdout, stderr, env: {}, signal: new AbortController().signal };
  const all = { root: join(folder, 'root.pem'), ...(await serve(lies)), ...options };
  const code = await (program === 'verify' ? runVerify(all, io) : runExport(all, io));
  const lines = said.out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  return { code, err: said.err, finding: lines.find(({ type }) => type === 'finding')?.data };
}

const changedAt = (position: number): Lies => ({
  entries: (from, page) => ({
    from,
    entries: page.map((entry, index) =>
      from + index === position ? { ...entry, commitment: encodeBase64url(new Uint8Array(32)) } : entry,
    ),
  }),
});

describe('a log', () => {
  it('that is honest, holds over its pages', async () => {
    expect(await run('verify', {})).toMatchObject({ code: 0, err: '' });
  });

  it.each([1, 2, 255, 256, 257, 300, 301])(
    'that changed record %i is convicted by its own proofs',
    async (position) => {
      expect(await run('verify', changedAt(position))).toMatchObject({
        code: 6,
        finding: { rule: 'record-changed', position },
      });
    },
  );

  it('that changed one and answers no more, is not believed from the first on', async () => {
    const silent = { ...changedAt(200), consistency: () => ({ status: 404, code: 'log-too-short' }) };
    expect(await run('verify', silent)).toMatchObject({ code: 6, finding: { position: 1 } });
  });

  it('that stops before its end while there may be a sealed round, holds', async () => {
    const lies: Lies = { entries: (from, page) => ({ from, entries: from > 256 ? [] : page }) };
    // The desk's closing has come at the checkpoint's time.
    expect(await run('verify', lies)).toMatchObject({ code: 0 });
  });

  it.each([
    ['answers with another page', (from: number, entries: readonly LogEntry[]) => ({ from: from + 1, entries })],
    [
      'answers with too long a page',
      (from: number, entries: readonly LogEntry[]) => ({ from, entries: [...entries, ...entries] }),
    ],
    ['answers with 10 megabytes', () => `{"from":1,"entries":[${' '.repeat(10_000_000)}]}`],
    ['answers with no JSON', () => 'none'],
  ])('that %s is no log', async (_what, entries) => {
    expect(await run('verify', { entries })).toMatchObject({ code: 5, finding: undefined });
  });

  it('that always has too much to do, is given up at the deadline', async () => {
    const busy = { entries: () => ({ status: 503, code: 'too-many-requests' }) };
    const { code, err } = await run('verify', busy, { deadline: '1' });
    expect([code, err]).toEqual([5, expect.stringContaining('too-slow')]);
  });
});

describe('what is exported from a log that lies', () => {
  it('is evidence of that: the bundle says the same', async () => {
    const out = join(folder, 'lies.jsonl');
    const lies: Lies = { entries: (from, page) => ({ from, entries: page.with(4, page[5]!).with(5, page[4]!) }) };
    const exported = await run('export', lies, { out });
    expect(exported).toMatchObject({ code: 6, finding: { position: 5 } });
    expect(
      readFileSync(out, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('{"record"')),
    ).toHaveLength(301);
    const verified = await run('verify', {}, { bundle: out, log: undefined });
    expect(verified).toMatchObject({ code: 6 });
  });
});
