/** Files and logs that were made to mislead, to exhaust or to paint the terminal of whoever verifies them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditIo } from '../../../client/audit/audit-io.ts';
import { auditJournal } from '../../../client/audit/audit-journal.ts';
import { runExport } from '../../../client/audit/export-command.ts';
import { plainLines } from '../../../client/audit/report.ts';
import { runVerify } from '../../../client/audit/verify-command.ts';
import { BundleWriter } from '../../../client/audit/write-bundle.ts';
import { freePort } from '../../support/free-port.ts';
import { SigningHouse, type Step, termsAt } from '../../support/signing-house.ts';

const folder = mkdtempSync(join(tmpdir(), 'gavel-audit-'));
let house: SigningHouse;
let lines: string[];
const STEPS: readonly Step[] = [
  { kind: 'listed', lot: 'desk', at: 0, serial: 1, terms: termsAt() },
  { kind: 'bid', lot: 'desk', at: 1_000, serial: 2, amount: 100, closesAt: 60_000 },
  { kind: 'closed', lot: 'desk', at: 63_000, serial: 3, outcome: 'sold', hammerPrice: 100, winner: 2 },
];

beforeAll(async () => {
  house = await (await SigningHouse.create()).record(STEPS);
  const path = join(folder, 'good');
  const writer = await BundleWriter.create(path);
  await auditJournal(await writer.following(await house.copy(), house.root), house.root);
  await writer.finish();
  lines = readFileSync(path, 'utf8').trimEnd().split('\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The program on options, as on a pipe or on a terminal. */
async function run<Options>(
  program: (options: Options, io: AuditIo) => Promise<number>,
  options: object,
  { isTTY = false } = {},
) {
  const [stdout, stderr] = [Object.assign(new PassThrough(), { isTTY }), new PassThrough()];
  const said = { out: '', err: '' };
  stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  const io = { stdout, stderr, env: {}, signal: new AbortController().signal };
  const code = await program({ root: `sha256:${house.root.sha256}`, ...options } as Options, io);
  return { code, ...said };
}

async function verified(content: string | Uint8Array, terminal = {}) {
  const bundle = join(folder, `${Math.random()}`);
  writeFileSync(bundle, content);
  return run(runVerify, { bundle }, terminal);
}
const text = (changed: readonly string[]) => changed.map((line) => `${line}\n`).join('');
const findingOf = (out: string) =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .find(({ type }) => type === 'finding')?.data;

describe('a file', () => {
  it('that is a bundle, holds', async () => {
    expect(await verified(text(lines))).toMatchObject({ code: 0, err: '' });
  });

  it.each([
    ['is empty', ''],
    ['is of zeros', new Uint8Array(100_000)],
    ['is one endless line', '{'.repeat(1_000_000)],
    ['is JSON of another kind', '{"gavel":"evidence"}\n'],
  ])('that %s is no bundle', async (_what, content) => {
    expect(await verified(content)).toMatchObject({
      code: 6,
      out: '',
      err: expect.stringContaining('bundle-malformed'),
    });
  });

  it('that is not there is a mistake of who typed', async () => {
    expect(await run(runVerify, { bundle: join(folder, 'none') })).toMatchObject({ code: 2 });
    expect(await run(runVerify, { bundle: folder })).toMatchObject({ code: 2 });
  });

  it('of another root is not looked into', async () => {
    const other = await SigningHouse.create();
    const bundle = join(folder, 'good');
    expect(await run(runVerify, { bundle, root: `sha256:${other.root.sha256}` })).toMatchObject({ code: 6, out: '' });
    expect(await run(runVerify, { bundle, root: 'sha256:abc' })).toMatchObject({ code: 2, out: '' });
    expect(await run(runVerify, { bundle, root: undefined })).toMatchObject({ code: 2, out: '' });
  });

  it('takes the root as a file, too', async () => {
    const root = join(folder, 'root.pem');
    writeFileSync(root, house.root.pem);
    expect(await run(runVerify, { bundle: join(folder, 'good'), root })).toMatchObject({ code: 0 });
  });

  it.each([
    ['has a line of garbage', (all: string[]) => all.toSpliced(4, 0, 'garbage'), 1],
    ['has a megabyte in one line', (all: string[]) => all.toSpliced(5, 0, `{"record":"${'x'.repeat(1_000_000)}"}`), 2],
    ['repeats its records for ever', (all: string[]) => [...all.slice(0, -1), ...Array(50_000).fill(all[5])], 4],
    ['has thousands of signers', (all: string[]) => all.toSpliced(1, 0, ...Array(5_000).fill(all[1])), 1],
    ['has a signer among its records', (all: string[]) => all.toSpliced(5, 0, all[1]!), 2],
  ])('that %s does not hold', async (_what, change, position) => {
    const { code, out } = await verified(text(change(lines)));
    expect([code, findingOf(out)?.position]).toEqual([6, position]);
  });

  it('has no room for a title that paints', async () => {
    const painted = lines.map((line) => line.replace('Oak desk', 'Oak\\\\u001b[31m desk\\\\u202e'));
    const { code, out } = await verified(text(painted), { isTTY: true });
    expect(code).toBe(6);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not come out
    expect(out).not.toMatch(/[\u001b\u202e]/);
    expect(out).toContain('Record 1 does not hold: record-changed.');
  });
});

describe('on a terminal', () => {
  it('a table and a sentence are printed, and what public records can not show', async () => {
    const { code, out } = await verified(text(lines), { isTTY: true });
    expect(code).toBe(0);
    expect(out).toMatch(/^lot +title +outcome +price +bids +closed at\n1 +Oak desk +sold +1\.00 EUR +1 +2026-\S+Z\n/);
    expect(out).toMatch(
      /All 3 records hold\. House \S+ signed 3 records with root \S+ at \S+; the first 3 witnessed at/,
    );
    expect(out).toContain('can not show who bid');
  });

  it('the lot that does not hold is marked, and control characters of whatever detail are taken out', async () => {
    const report = await auditJournal(await house.copy(), house.root);
    const { lot } = report.lots[0]!;
    const finding = { rule: 'winner-wrong', position: 3, lot, detail: '\u001b[2J' } as const;
    const out = [...plainLines({ ...report, finding })].join('');
    expect(out).toMatch(/Oak desk +DOES NOT HOLD/);
    expect(out).not.toContain('\u001b');
  });
});

describe('a log', () => {
  const nobody = async () => `https://127.0.0.1:${await freePort()}`;

  it('that nobody serves is unreachable, and leaves no file', async () => {
    const [log, trustedServiceUrl] = [await nobody(), await nobody()];
    expect(await run(runVerify, { log, trustedServiceUrl })).toMatchObject({ code: 5, out: '' });
    expect(await run(runExport, { log, trustedServiceUrl, out: join(folder, 'left') })).toMatchObject({ code: 5 });
    expect(readdirSync(folder)).not.toContain('left');
  });

  it.each([
    ['is not named', {}],
    ['and a file are named', { log: 'https://127.0.0.1:1', bundle: 'x' }],
    ['has no address', { log: 'ftp://house', trustedServiceUrl: 'https://127.0.0.1:1' }],
    ['may take no time', { log: 'https://127.0.0.1:1', trustedServiceUrl: 'https://127.0.0.1:1', deadline: '0' }],
  ])('that %s is a mistake of who typed', async (_what, options) => {
    expect(await run(runVerify, options)).toMatchObject({ code: 2, out: '' });
  });

  it('is not exported to nowhere', async () => {
    expect(await run(runExport, {})).toMatchObject({ code: 2 });
  });
});
