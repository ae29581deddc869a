import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { StartError } from '../../shared/start-error.ts';
import { loadAuthorityKeys } from '../../trusted-service/authority-keys.ts';
import { openssl } from '../support/run-openssl.ts';
import { testFolder } from './test-folder.ts';
import { START } from './test-service.ts';
import { unrecorded } from './unrecorded.ts';

const at = testFolder();
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const load = (folder: string) => loadAuthorityKeys(folder, START, unrecorded);

describe('the authority’s keys', () => {
  it('are made once, private, and the same ever after', async () => {
    const folder = at('once');
    const first = await load(folder);
    expect(modeOf(folder)).toBe('700');
    const secrets = readdirSync(folder).filter((name) => name.endsWith('.key'));
    expect(secrets.toSorted()).toEqual([
      'issuing-ca.key',
      'root.key',
      'timestamp-signer.key',
      'token-signer.key',
      'trusted-service-tls.key',
    ]);
    for (const name of secrets) {
      expect(modeOf(`${folder}/${name}`)).toBe('600');
      expect(readFileSync(`${folder}/${name}`, 'utf8')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    }
    const again = await loadAuthorityKeys(folder, START + 1_000_000, unrecorded);
    expect(again.root.sha256).toBe(first.root.sha256);
    expect(again.issuer.certificate.sha256).toBe(first.issuer.certificate.sha256);
    for (const name of ['token-signer', 'timestamp-signer', 'trusted-service-tls'] as const) {
      expect(again.own[name].publicKey.equals(first.own[name].publicKey)).toBe(true);
    }
    expect(readdirSync(folder).filter((name) => !/^[a-z-]+\.(key|pem)$/.test(name))).toEqual([]);
  });

  it('are five different ones', async () => {
    const { root, issuer, own } = await load(at('once'));
    const keys = [root, issuer.certificate, ...Object.values(own)].map(({ publicKey }) =>
      publicKey.export({ format: 'der', type: 'spki' }).toString('hex'),
    );
    expect(new Set(keys).size).toBe(5);
  });

  it('make a root of ten years and an issuing CA of one, as openssl sees it too', async () => {
    const { root, issuer, rootFile } = await load(at('once'));
    const years = ({ notBefore, notAfter }: { notBefore: number; notAfter: number }) =>
      Math.round((notAfter - notBefore) / (365 * 24 * 3_600_000));
    expect([years(root), years(issuer.certificate)]).toEqual([10, 1]);
    const ca = `${at('once')}/issuing-ca.pem`;
    const time = ['-attime', String(START / 1_000)];
    expect(await openssl('verify', '-x509_strict', ...time, '-CAfile', rootFile, ca)).toMatch(/OK/);
  });

  it('need the root’s key no more once there is an issuing CA', async () => {
    const folder = at('offline');
    const { root } = await load(folder);
    rmSync(`${folder}/root.key`);
    expect((await load(folder)).root.sha256).toBe(root.sha256);
    expect(existsSync(`${folder}/root.key`)).toBe(false);
    // Another issuing CA would need it.
    rmSync(`${folder}/issuing-ca.pem`);
    await expect(load(folder)).rejects.toThrow(/root\.key is missing/);
  });

  it.each([
    ['a folder', '.', 0o750],
    ['a key that the group may read', 'token-signer.key', 0o640],
    ['a key that all may read', 'issuing-ca.key', 0o604],
  ])('are refused in %s with looser rights', async (_what, name, mode) => {
    const folder = at(`loose-${mode}`);
    await load(folder);
    chmodSync(`${folder}/${name}`, mode);
    await expect(load(folder)).rejects.toThrow(StartError);
    await expect(load(folder)).rejects.toThrow(/chmod (600|700) /);
  });

  it.each(['root.pem', 'issuing-ca.key', 'token-signer.key', 'timestamp-signer.key'])(
    'are not replaced where %s was lost',
    async (name) => {
      const folder = at(`lost-${name}`);
      await load(folder);
      // The certificates of its own keys are written by another part.
      for (const own of ['token-signer', 'timestamp-signer']) writeFileSync(`${folder}/${own}.pem`, 'there');
      rmSync(`${folder}/${name}`);
      await expect(load(folder)).rejects.toThrow(new RegExp(`${name} is missing`));
      expect(existsSync(`${folder}/${name}`)).toBe(false);
    },
  );

  it('are finished where the first start was cut off at any point', async () => {
    const whole = at('whole');
    await load(whole);
    // In the order in which they are written.
    const order = [
      'root.key',
      'root.pem',
      'issuing-ca.key',
      'issuing-ca.pem',
      'token-signer.key',
      'timestamp-signer.key',
    ];
    for (let written = 0; written < order.length; written++) {
      const folder = at(`cut-${written}`);
      mkdirSync(folder, { mode: 0o700 });
      for (const name of order.slice(0, written)) copyFileSync(`${whole}/${name}`, `${folder}/${name}`);
      const { root, issuer } = await load(folder);
      expect(issuer.certificate.issuerDer).toEqual(root.subjectDer);
    }
  });

  it('are not taken where they do not belong together', async () => {
    const [one, other] = [at('mixed-1'), at('mixed-2')];
    await load(one);
    await load(other);
    copyFileSync(`${other}/issuing-ca.key`, `${one}/issuing-ca.key`);
    await expect(load(one)).rejects.toThrow(/not the key of its certificate/);
    copyFileSync(`${other}/issuing-ca.pem`, `${one}/issuing-ca.pem`);
    await expect(load(one)).rejects.toThrow(/'issuing-ca' is damaged/);
  });

  it.each([
    ['root.pem', 'x'],
    ['issuing-ca.pem', ''],
    ['token-signer.key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
  ])('say which file is damaged: %s', async (name, content) => {
    const folder = at(`damaged-${name}`);
    await load(folder);
    writeFileSync(`${folder}/${name}`, content);
    await expect(load(folder)).rejects.toThrow(new RegExp(`'${name.split('.')[0]}' is damaged`));
  });

  it('are not made where the folder can not be', async () => {
    writeFileSync(at('file'), '');
    await expect(load(`${at('file')}/keys`)).rejects.toThrow(/GAVEL_HOME/);
  });
});
