/** What the shell is told, by processes as people and scripts start them. 7, which takes half a minute, is test/client/line's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyStore } from '../../client/identity/key-store.ts';
import { parseCertificate } from '../../shared/pki/verify-certificate.ts';
import { freePort } from '../support/free-port.ts';
import { gavel, PROJECT } from '../support/gavel-process.ts';
import { RunningHouse } from '../support/running-house.ts';
import { soon } from '../support/until.ts';

let house: RunningHouse;
let folder: string;
/** How to reach the house. */
let known: Record<string, string>;
let passphraseFile: string;

beforeAll(async () => {
  house = await RunningHouse.start();
  folder = mkdtempSync(join(tmpdir(), 'gavel-exits-'));
  known = {
    GAVEL_TRUSTED_SERVICE_URL: house.serviceUrl,
    GAVEL_DMS_URL: house.dmsUrl,
    GAVEL_ROOT: `sha256:${house.root.sha256}`,
  };
  await Promise.all(['ann', 'revoked', 'locked'].map(begin));
  const revoked = await KeyStore.open(join(folder, 'revoked', 'client'));
  const { serialHex } = parseCertificate(revoked.identity!.credentials!.certificate);
  await house.operator.revoke({ serial: serialHex, reason: 'keyCompromise' });
  passphraseFile = join(folder, 'passphrase');
  writeFileSync(passphraseFile, 'another one', { mode: 0o600 });
  const locked = { passphrase: 'the right one', cost: { memoryKiB: 64, passes: 1, lanes: 1 } };
  await KeyStore.open(join(folder, 'locked', 'client'), locked);
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true });
});

async function begin(name: string): Promise<void> {
  const store = await KeyStore.open(join(folder, name, 'client'));
  await (await house.enrolled(name, { store })).close();
}

const homeOf = (name: string) => ({ ...known, GAVEL_HOME: join(folder, name) });

describe('a program ends with', () => {
  it.each<[number, string, string, () => string[] | Promise<string[]>]>([
    [0, 'what was asked for was done', 'ann', () => ['client', '-c', '/allitems']],
    [0, 'help was asked for', 'ann', () => ['doctor', '--help']],
    [0, 'a healthy home', 'ann', () => ['doctor']],
    [1, 'something else that failed', 'revoked', () => ['doctor']],
    [2, 'a word that is none', 'ann', () => ['clinet']],
    [2, 'an option that is none', 'ann', () => ['client', '--jsno']],
    [2, 'an option that can not be read', 'ann', () => ['client', '--since', 'yesterday']],
    [2, 'a command that can not be read', 'ann', () => ['client', '-c', '/bid 1']],
    [2, 'a home without a name, where nobody can be asked', 'nobody', () => ['client']],
    [3, 'a no by the rules', 'ann', () => ['client', '-c', '/bid 99 1.00']],
    [4, 'a key that was revoked', 'revoked', () => ['client', '-c', '/allitems']],
    [4, 'another passphrase', 'locked', () => ['client', '--passphrase-file', passphraseFile]],
    [5, 'a service that does not answer', 'ann', async () => ['client', '--dms-url', await nowhere()]],
    [5, 'the same, said by the doctor', 'ann', async () => ['doctor', '--dms-url', await nowhere()]],
    [6, 'another root', 'new', () => ['client', '--root', `sha256:${'0'.repeat(64)}`, '--username', 'new']],
    [6, 'another kind of server than it should be', 'ann', () => ['doctor', '--dms-url', house.serviceUrl]],
  ])('%i after %s', async (code, _what, home, args) => {
    const ending = await gavel(await args(), homeOf(home));
    expect([ending.code, ending.err]).toEqual([code, ending.err]);
  });

  it.each([
    [129, 'SIGHUP'],
    [130, 'SIGINT'],
    [143, 'SIGTERM'],
  ] as const)('%i after %s, having said goodbye', async (code, signal) => {
    const env = { PATH: process.env['PATH'], ...homeOf('ann') };
    const client = spawn(process.execPath, ['gavel.mjs', 'client', '--json'], { cwd: PROJECT, env });
    const lines = createInterface({ input: client.stdout });
    await soon('the first line', once(lines, 'line'));
    const said: string[] = [];
    lines.on('line', (line) => said.push(line));
    client.kill(signal);
    const [exit] = await soon('its end', once(client, 'close'));
    expect(exit).toBe(code);
    expect(JSON.parse(said.at(-1) ?? '{}')).toMatchObject({ type: 'bye', data: { exitCode: code } });
  });

  it('0 when nobody reads any more', async () => {
    const env = { PATH: process.env['PATH'], ...homeOf('ann') };
    const client = spawn(process.execPath, ['gavel.mjs', 'client', '--json'], { cwd: PROJECT, env });
    await soon('the first line', once(createInterface({ input: client.stdout }), 'line'));
    client.stdout.destroy();
    const ended = once(client, 'close');
    client.stdin.write('/allitems\n');
    expect((await soon('its end', ended))[0]).toBe(0);
  });
});

async function nowhere(): Promise<string> {
  return `https://127.0.0.1:${await freePort()}`;
}
