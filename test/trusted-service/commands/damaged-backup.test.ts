/** Backups that are not what was written, by accident or on purpose: one sentence, exit code 6, and nothing on disk. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { runBackup } from '../../../trusted-service/commands/backup.ts';
import { runRestore } from '../../../trusted-service/commands/restore.ts';
import { testFolder } from '../test-folder.ts';
import { TestMachine, TestService } from '../test-service.ts';
import { runCommand } from './command-run.ts';

const at = testFolder();
const WITH = { GAVEL_BACKUP_PASSPHRASE: 'correct horse battery staple' };

beforeAll(async () => {
  const service = await TestService.start({ clock: 'real' }, new TestMachine(Date.now()));
  const { home } = service;
  const sealed = await runCommand((io) => runBackup({ home, out: at('sealed') }, io), WITH);
  const plain = await runCommand((io) => runBackup({ home, out: at('plain'), plain: true }, io));
  expect([sealed.exitCode, plain.exitCode]).toEqual([0, 0]);
  await service.stop();
});

/** What becomes of a file that was changed: exit code, output, what is left, and whether one sentence was said. */
async function outcomeOf(source: 'plain' | 'sealed', change: (bytes: Buffer) => Buffer) {
  const home = at('target');
  writeFileSync(at('damaged'), change(Buffer.from(readFileSync(at(source)))));
  const run = await runCommand((io) => runRestore({ from: at('damaged'), home }, io), source === 'plain' ? {} : WITH);
  const left = existsSync(home) ? readdirSync(home) : [];
  return [run.exitCode, run.stdout, left, /^.+\.\n$/.test(run.stderr)];
}

const REFUSED = [6, '', [], true];

const flip =
  (position: number, bit = 1) =>
  (bytes: Buffer) => {
    bytes[position < 0 ? bytes.length + position : position]! ^= bit;
    return bytes;
  };

/** The checksum made anew, as somebody could who wants to be believed. */
const summed = (bytes: Buffer) => {
  const content = bytes.subarray(0, -32);
  return Buffer.concat([content, createHash('sha256').update(content).digest()]);
};

it('is restored as it was written', async () => {
  // The damaged ones are refused for their damage.
  expect((await outcomeOf('plain', (bytes) => summed(bytes)))[0]).toBe(0);
  rmSync(at('target'), { recursive: true });
});

// First line, salt, nonce, contents, tag, checksum.
it.each([3, 40, 55, 500, -40, -1])('with a flipped bit at %i is refused, encrypted', async (position) => {
  expect(await outcomeOf('sealed', flip(position))).toEqual(REFUSED);
});

it('with a flipped bit anywhere is refused, not encrypted', async () => {
  const { length } = readFileSync(at('plain'));
  for (let position = 0; position < length; position += 199) {
    const outcome = await outcomeOf('plain', flip(position, 1 << (position & 7)));
    expect([position, ...outcome]).toEqual([position, ...REFUSED]);
  }
});

it('cut off, or with something added, is refused', async () => {
  const { length } = readFileSync(at('plain'));
  for (const end of [0, 1, 20, 21, 24, 60, 500, length - 33, length - 32, length - 1]) {
    expect([end, ...(await outcomeOf('plain', (bytes) => bytes.subarray(0, end)))]).toEqual([end, ...REFUSED]);
  }
  expect(await outcomeOf('plain', (bytes) => Buffer.concat([bytes, Buffer.of(0)]))).toEqual(REFUSED);
  for (const end of [50, 70, -1]) expect(await outcomeOf('sealed', (bytes) => bytes.subarray(0, end))).toEqual(REFUSED);
});

it('is refused though somebody made the checksum anew: contents, store, table of contents', async () => {
  for (const position of [-100, 20_000, 30]) {
    expect(await outcomeOf('plain', (bytes) => summed(flip(position)(bytes)))).toEqual(REFUSED);
  }
  // Encrypted, it can't be told from a wrong passphrase.
  expect(await outcomeOf('sealed', (bytes) => summed(flip(5_000)(bytes)))).toEqual([4, '', [], true]);
});

/** The table of contents changed, with all lengths and the checksum as they must be. */
const withManifest =
  (change: (manifest: { auditHead: string; authority: string; files: { path: string }[] }) => void) =>
  (bytes: Buffer) => {
    const line = bytes.indexOf('\n') + 1;
    const length = bytes.readUInt32BE(line);
    const manifest = JSON.parse(bytes.subarray(line + 4, line + 4 + length).toString());
    change(manifest);
    const text = Buffer.from(JSON.stringify(manifest));
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(text.length);
    return summed(Buffer.concat([bytes.subarray(0, line), prefix, text, bytes.subarray(line + 4 + length)]));
  };

it.each(['../outside', '/tmp/outside', 'keys/../../outside', 'keys//x', '', '.hidden', 'a\0b'])(
  'that would write to %j is refused',
  async (path) => {
    const change = withManifest(({ files }) => {
      files[1]!.path = path;
    });
    expect(await outcomeOf('plain', change)).toEqual(REFUSED);
    expect(existsSync(at('outside'))).toBe(false);
  },
);

it('of one authority that says it is of another, or has another journal than it says, is refused', async () => {
  const other = `sha256:${'0'.repeat(64)}`;
  expect(
    await outcomeOf(
      'plain',
      withManifest((manifest) => Object.assign(manifest, { authority: other })),
    ),
  ).toEqual(REFUSED);
  const auditHead = `1:${'0'.repeat(64)}`;
  expect(
    await outcomeOf(
      'plain',
      withManifest((manifest) => Object.assign(manifest, { auditHead })),
    ),
  ).toEqual(REFUSED);
});
