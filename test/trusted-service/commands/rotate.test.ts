import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateP256 } from '../../../shared/crypto/ecdsa.ts';
import { parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import type { RotationRole, RotationState } from '../../../shared/wire/key-rotation.ts';
import { type RootOptions, runRoot } from '../../../trusted-service/commands/root.ts';
import { type RotateOptions, runRotate } from '../../../trusted-service/commands/rotate.ts';
import { sha256 } from '../../support/forge-timestamp.ts';
import { openssl, withFiles } from '../../support/run-openssl.ts';
import { testFolder } from '../test-folder.ts';
import { TestParticipant } from '../test-participant.ts';
import { OPERATOR_TOKEN, TestMachine, TestService } from '../test-service.ts';
import { ask, CERT_REQ, query } from '../timestamp-authority/ask-timestamp.ts';
import { runCommand } from './command-run.ts';

const at = testFolder();
const PUBLICATION_MS = 10 * 60_000;
const DOCUMENT = 'a document of some length\n';

let service: TestService;
let env: Record<string, string>;
// openssl judges by the machine's clock.
beforeAll(async () => {
  service = await TestService.start({ clock: 'real' }, new TestMachine(Date.now() - 2 * PUBLICATION_MS));
  env = { GAVEL_TRUSTED_SERVICE_URL: service.url, GAVEL_ROOT: service.rootFile, GAVEL_OPERATOR_TOKEN: OPERATOR_TOKEN };
});
afterAll(() => service.stop());

const rotate = (role?: string, options: RotateOptions = {}, changes: Record<string, string> = {}) =>
  runCommand((io) => runRotate(role, options, io), { ...env, ...changes });
const root = (what: string, options: RootOptions) => runCommand((io) => runRoot(what, options, io));
const rootKey = () => join(service.home, 'trusted-service', 'keys', 'root.key');
const keysOf = (stdout: string, role: RotationRole) =>
  (JSON.parse(stdout) as RotationState).roles.find((each) => each.role === role)!.keys.map(({ state }) => state);

describe('gavel rotate', () => {
  it('publishes the next key, and says so again', async () => {
    for (const role of ['token-signer', 'timestamp-signer'] as const) {
      const { exitCode, stdout } = await rotate(role);
      expect([exitCode, keysOf(stdout, role)]).toEqual([0, ['current', 'next']]);
      // To ask twice changes nothing.
      expect((await rotate(role)).stdout).toBe((await rotate()).stdout);
    }
    expect((await rotate()).stdout).toMatch(/"rootKeyAtHand":true/);
  });

  it('has a stolen key refused at once with --now', async () => {
    const ann = await TestParticipant.enrolled(service, 'ann');
    const { exitCode, stdout } = await rotate('token-signer', { now: true });
    expect([exitCode, keysOf(stdout, 'token-signer')]).toEqual([0, ['current']]);
    const { token } = await service.client.issue({ certificate: ann.certificate, proof: await ann.proof() });
    const { kid } = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString());
    expect((await service.client.keySet()).keys.map((key) => key.kid)).toContain(kid);
  });

  it.each<[string, string | undefined, RotateOptions, Record<string, string>, number]>([
    ['another key', 'root', {}, {}, 2],
    ['--now for nothing', undefined, { now: true }, {}, 2],
    ['a root key for a signer', 'token-signer', { rootKey: '/x' }, {}, 2],
    ['a root key that is not there', 'issuing-ca', { rootKey: '/nowhere/root.key' }, {}, 2],
    ['another token', 'token-signer', {}, { GAVEL_OPERATOR_TOKEN: 'nobody' }, 4],
    ['no address', 'token-signer', {}, { GAVEL_TRUSTED_SERVICE_URL: '' }, 2],
  ])('refuses %s', async (_what, role, options, changes, exitCode) => {
    const run = await rotate(role, options, changes);
    expect([run.exitCode, run.stdout]).toEqual([exitCode, '']);
    expect(run.stderr).toMatch(/\S/);
  });

  it('tells people how the keys stand', async () => {
    const { stdout } = await runCommand((io) => runRotate(undefined, {}, io), env, true);
    expect(stdout).toMatch(/^issuing-ca, due 2\d{3}-/m);
    expect(stdout).toMatch(/^ {2}current [\w-]{43} since .*, ends /m);
  });
});

describe('a root key that is moved offline', () => {
  it('is refused where it would be lost, then moved, and needed by nothing but the issuing CA', async () => {
    const out = at('root.key');
    expect((await root('destroy', { home: service.home, out })).exitCode).toBe(2);
    expect((await root('export', { home: service.home })).exitCode).toBe(2);
    expect((await root('export', { home: service.home, out: service.rootFile })).exitCode).toBe(2);
    expect((await root('export', { home: at('nowhere'), out })).exitCode).toBe(2);
    expect(existsSync(rootKey())).toBe(true);
    expect((await root('export', { home: service.home, out })).exitCode).toBe(0);
    expect([existsSync(rootKey()), (statSync(out).mode & 0o777).toString(8)]).toEqual([false, '600']);
    expect((await root('export', { home: service.home, out: at('again') })).exitCode).toBe(2);
    await service.restart();
    env['GAVEL_TRUSTED_SERVICE_URL'] = service.url;
    expect((await rotate('timestamp-signer')).exitCode).toBe(0);
    const { exitCode, stderr } = await rotate('issuing-ca');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('--root-key');
    expect(keysOf((await rotate()).stdout, 'issuing-ca')).toEqual(['current']);
  });

  it('certifies the next issuing CA where it is, under which openssl believes everything, and under the former one', async () => {
    const former = await TestParticipant.enrolled(service, 'former');
    const formerIssuer = parseCertificate((await former.enrol('former')).chain[0]!);
    const reply = (await ask(service, query(sha256(Buffer.from(DOCUMENT)), CERT_REQ))).bytes;

    const { exitCode, stdout, stderr } = await rotate('issuing-ca', { rootKey: at('root.key') });
    expect([exitCode, stderr, keysOf(stdout, 'issuing-ca')]).toEqual([0, '', ['current', 'next']]);
    expect(existsSync(rootKey())).toBe(false);
    // Again: the next one is there already.
    expect(await rotate('issuing-ca', { rootKey: at('root.key') })).toMatchObject({ exitCode: 0, stdout });
    service.machine.time += PUBLICATION_MS;
    await service.maintain();
    expect(keysOf((await rotate()).stdout, 'issuing-ca')).toEqual(['last', 'current']);

    const later = await TestParticipant.enrolled(service, 'later');
    const laterIssuer = parseCertificate((await later.enrol('later')).chain[0]!);
    expect(laterIssuer.sha256).not.toBe(formerIssuer.sha256);
    await service.client.revoke({ serial: later.serial, reason: 'keyCompromise' });
    const lists = await Promise.all(
      [formerIssuer, laterIssuer].map((issuer) => service.client.revocationList(undefined, issuer)),
    );
    const [formerList, laterList] = lists.map((list) => (list === 'unchanged' ? new Uint8Array() : list.der));
    const files = {
      ...{ root: service.root.pem, formerIssuer: formerIssuer.pem, laterIssuer: laterIssuer.pem },
      ...{ former: former.certificate, later: later.certificate, formerList: formerList!, laterList: laterList! },
      ...{ reply, data: DOCUMENT },
    };
    await withFiles(files, async (paths, folder) => {
      const check = async (name: 'former' | 'later') => {
        const [list, issuer] = [paths[`${name}List`], paths[`${name}Issuer`]];
        const pem = join(folder, `${name}.crl.pem`);
        expect(await openssl('crl', '-inform', 'DER', '-in', list, '-CAfile', issuer, '-out', pem)).toContain(
          'verify OK',
        );
        const chain = ['-CAfile', paths.root, '-untrusted', issuer, '-CRLfile', pem];
        return openssl('verify', '-x509_strict', '-crl_check', ...chain, paths[name]);
      };
      expect(await check('former')).toContain('OK');
      await expect(check('later')).rejects.toThrow(/revoked/);
      // A timestamp of the former signer, under the former issuing CA.
      const verify = ['ts', '-verify', '-data', paths.data, '-in', paths.reply, '-CAfile', paths.root];
      expect(await openssl(...verify)).toContain('Verification: OK');
    });
    // The former papers are good for a token.
    await service.client.issue({ certificate: former.certificate, proof: await former.proof() });
  });

  it('is refused where others could read it, or where it is another root', async () => {
    chmodSync(at('root.key'), 0o640);
    const loose = await rotate('issuing-ca', { rootKey: at('root.key') });
    expect([loose.exitCode, loose.stderr]).toEqual([2, expect.stringContaining('chmod 600')]);
    chmodSync(at('root.key'), 0o600);
    const pem = generateP256().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await withFiles({ other: pem, none: readFileSync(service.rootFile) }, async ({ other, none }) => {
      for (const rootKeyFile of [other, none]) {
        chmodSync(rootKeyFile, 0o600);
        expect((await rotate('issuing-ca', { rootKey: rootKeyFile })).exitCode).toBe(2);
      }
    });
  });
});
