/** The doctor at a real house: a healthy home, and each thing that can be wrong with one. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runDoctor } from '../../../client/door/doctor/doctor.ts';
import { examineJournal } from '../../../client/door/doctor/examine-services.ts';
import { exitCodeOf, type Finding } from '../../../client/door/doctor/finding.ts';
import { keepHomeSettings } from '../../../client/door/settings.ts';
import { KeyStore } from '../../../client/identity/key-store.ts';
import type { ClientOptions } from '../../../client/options.ts';
import { LogApi } from '../../../client/proof/log-api.ts';
import { parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import type { Position } from '../../../shared/wire/vocabulary.ts';
import { freePort } from '../../support/free-port.ts';
import { RunningHouse } from '../../support/running-house.ts';
import { until } from '../../support/until.ts';

const CHEAP = { memoryKiB: 64, passes: 1, lanes: 1 };

let house: RunningHouse;
let home: string;
let enrolled = 0;
beforeAll(async () => {
  house = await RunningHouse.start();
});
afterAll(() => house.close());
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'gavel-doctor-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const directory = () => join(home, 'client');

/** A home that was enrolled and connected, as the wizard leaves it. */
async function healthyHome(passphrase?: string): Promise<KeyStore> {
  const store = await KeyStore.open(directory(), passphrase === undefined ? {} : { passphrase, cost: CHEAP });
  enrolled += 1;
  const client = await house.enrolled(`patient-${enrolled}`, { store });
  await client.close();
  const { serviceUrl: trustedServiceUrl, dmsUrl } = house;
  await keepHomeSettings(directory(), { v: 1, trustedServiceUrl, dmsUrl, root: `sha256:${house.root.sha256}` });
  return store;
}

type Check = Omit<Finding, 'exit'>;

async function examine(options: ClientOptions = {}, isJson = true) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let text = '';
  stdout.on('data', (chunk) => {
    text += chunk;
  });
  const io = { stdin, stdout, stderr, env: {}, signal: new AbortController().signal };
  const code = await runDoctor({ home, json: isJson, ...options }, io);
  const checks: Check[] = isJson ? JSON.parse(text).checks : [];
  return { code, text, checks, of: (name: string) => checks.find((check) => check.name === name) };
}

/** Every file with its rights and what is in it. */
const snapshot = () =>
  readdirSync(home, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [path, statSync(path).mode, statSync(path).isFile() ? readFileSync(path, 'utf8') : '']);

describe('the doctor', () => {
  it('finds nothing wrong with a healthy home, and changes nothing', async () => {
    await healthyHome();
    const before = snapshot();
    const { code, checks } = await examine();
    expect(checks.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(checks.map(({ name }) => name)).toEqual([
      ...['program', 'home', 'settings', 'identity', 'root', 'trusted-service', 'clock', 'signers', 'revocations'],
      ...['certificate', 'token', 'dms', 'journal', 'terminal'],
    ]);
    expect(code).toBe(0);
    expect(snapshot()).toEqual(before);
  });

  it('prints a table for people, with what to do', async () => {
    await healthyHome();
    chmodSync(join(directory(), 'settings.json'), 0o640);
    const { text, code } = await examine({}, false);
    expect(text).toMatch(/^✓ ok +program +gavel \d/);
    expect(text).toMatch(
      /\n✗ FAIL {2}home +others on this machine can read a part of .+\n +chmod 600 .+settings\.json\n/,
    );
    expect(code).toBe(2);
  });

  it('fails for rights that are too open, with 2', async () => {
    await healthyHome();
    chmodSync(join(directory(), 'identity.json'), 0o644);
    chmodSync(directory(), 0o755);
    const { of, code } = await examine();
    expect(of('home')?.advice).toBe(`chmod 700 ${directory()}; chmod 600 ${join(directory(), 'identity.json')}`);
    expect([of('identity')?.state, code]).toEqual(['fail', 2]);
  });

  it('fails where nothing is configured, with 2', async () => {
    const { of, code } = await examine();
    expect([of('home')?.state, of('settings')?.data?.['code'], code]).toEqual(['warn', 'address-missing', 2]);
  });

  it('fails where a service does not answer, with 5', async () => {
    await healthyHome();
    const nowhere = `https://127.0.0.1:${await freePort()}`;
    const withoutService = await examine({ trustedServiceUrl: nowhere });
    expect(withoutService.of('trusted-service')?.data?.['code']).toBe('trusted-service-unreachable');
    expect(withoutService.of('token')?.says).toMatch(/^not looked at/);
    expect(withoutService.of('dms')?.state).toBe('ok');
    const withoutDms = await examine({ dmsUrl: nowhere });
    expect(withoutDms.of('dms')?.data?.['code']).toBe('dms-unreachable');
    expect([withoutService.code, withoutDms.code]).toEqual([5, 5]);
  });

  it('fails where somebody else answers, with 6', async () => {
    await healthyHome();
    const otherRoot = await examine({ root: `sha256:${'0'.repeat(64)}` });
    expect([otherRoot.of('root')?.data?.['code'], otherRoot.code]).toEqual(['peer-untrusted', 6]);
    // A service of the right root, but of the other kind.
    const swapped = await examine({ dmsUrl: house.serviceUrl });
    expect([swapped.of('dms')?.data?.['code'], swapped.code]).toEqual(['peer-untrusted', 6]);
  });

  it('warns of a certificate that has expired, which mends itself', async () => {
    await healthyHome();
    await house.travelTo(house.now() + 25 * 3_600_000);
    const { of, code } = await examine();
    expect(of('certificate')).toMatchObject({ state: 'warn', says: expect.stringMatching(/^expired 1 h/) });
    expect(of('token')?.says).toMatch(/^not looked at/);
    expect(of('clock')?.says).toMatch(/SIMULATED.+ 1 d 1 h behind the signed time/);
    expect(code).toBe(0);
  });

  it('fails for a key that was revoked, with 1', async () => {
    const store = await healthyHome();
    const { serialHex } = parseCertificate(store.identity!.credentials!.certificate);
    await house.operator.revoke({ serial: serialHex, reason: 'keyCompromise' });
    const { of, code } = await examine();
    expect([of('certificate')?.state, of('certificate')?.says, code]).toEqual(['fail', 'revoked', 1]);
  });

  it('opens protected keys with the passphrase that it is given, and does without', async () => {
    await healthyHome('correct horse');
    expect((await examine()).of('token')?.state).toBe('warn');
    const passphraseFile = join(home, 'passphrase');
    for (const [passphrase, state, exit] of [
      ['correct horse', 'ok', 0],
      ['battery staple', 'fail', 1],
    ] as const) {
      writeFileSync(passphraseFile, passphrase, { mode: 0o600 });
      const { of, code } = await examine({ passphraseFile });
      expect([of('token')?.state, code]).toEqual([state, exit]);
    }
  });

  it('fails where the witness has seen more than the house shows', async () => {
    const log = new LogApi(house.dmsUrl, house.root);
    const seller = await house.enrolled('seller-of-the-doctor');
    await seller.list(house.terms());
    const answer = await until('a witnessed checkpoint', async () => {
      const shown = await log.checkpoint();
      return shown.witnessed === undefined ? undefined : shown;
    });
    await log.close();
    const judged = (size: number) =>
      examineJournal(answer, house.root, { witnessed: async () => ({ size: size as Position }) });
    expect(await judged(1)).toMatchObject({ state: 'ok' });
    expect(await judged(1_000)).toMatchObject({ state: 'fail', exit: 6 });
  });
});

describe('the exit code of the doctor', () => {
  const fail = (exit: number): Finding => ({ name: 'x', state: 'fail', says: '', exit });
  it.each([
    [[], 0],
    [[4], 1],
    [[5, 2], 2],
    [[5, 2, 6], 6],
    [[1, 5], 5],
  ])('of failures with %j is %i', (exits, code) => {
    expect(exitCodeOf([{ name: 'y', state: 'warn', says: '' }, ...exits.map(fail)])).toBe(code);
  });
});
