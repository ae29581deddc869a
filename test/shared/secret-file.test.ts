import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseConfig as parseDmsConfig, showConfig as showDmsConfig } from '../../dms/config.ts';
import { readSecretFile } from '../../shared/secret-file.ts';
import { readSettings, showSettings } from '../../shared/settings.ts';
import { StartError } from '../../shared/start-error.ts';
import { parseConfig, showConfig, TRUSTED_SERVICE_SETTINGS } from '../../trusted-service/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'gavel-secret-'));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
function fileWith(text: string, mode = 0o600): string {
  made += 1;
  const path = join(folder, `secret-${made}`);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const SECRET = 'a-secret-of-the-operator';
const read = (env: Record<string, string>) => parseConfig({}, env, '/nowhere');

describe('a secret in a file', () => {
  it.each([
    ['as it is', SECRET],
    ['with a line end', `${SECRET}\n`],
    ['with a line end of another system', `${SECRET}\r\n`],
  ])('is read %s', (_what, text) => {
    expect(readSecretFile(fileWith(text), 'X_FILE')).toBe(SECRET);
  });

  it('loses one line end, and nothing else', () => {
    expect(readSecretFile(fileWith(` ${SECRET} \n\n`), 'X_FILE')).toBe(` ${SECRET} \n`);
  });

  it.each([
    ['that is not there', () => join(folder, 'nothing'), /X_FILE: .*ENOENT.*nothing/],
    [
      'that is a folder',
      () => mkdirSync(join(folder, 'folder'), { recursive: true, mode: 0o700 }) ?? join(folder, 'folder'),
      /X_FILE: .*EISDIR/,
    ],
    ['that is empty', () => fileWith('\n'), /X_FILE: .*is empty/],
    ['that others may read', () => fileWith(SECRET, 0o644), /X_FILE: others .*chmod 600/],
    ['that the group may write', () => fileWith(SECRET, 0o620), /X_FILE: others .*chmod 600/],
  ])('%s is refused with a sentence, and without the secret', (_what, path, sentence) => {
    const reading = () => readSecretFile(path(), 'X_FILE');
    expect(reading).toThrow(StartError);
    expect(reading).toThrow(sentence);
    expect(reading).not.toThrow(SECRET);
  });
});

describe('a secret setting', () => {
  it('comes from the file that its variable with _FILE names', () => {
    const env = {
      GAVEL_OPERATOR_TOKEN_FILE: fileWith(`${SECRET}\n`),
      GAVEL_METRICS_TOKEN_FILE: fileWith('0123456789abcdef'),
    };
    expect(read(env)).toMatchObject({ operatorToken: SECRET, metricsToken: '0123456789abcdef' });
    const dms = { ...env, GAVEL_TRUSTED_SERVICE_URL: 'https://localhost', GAVEL_ROOT: 'root.pem' };
    expect(parseDmsConfig({}, dms, '/nowhere').operatorToken).toBe(SECRET);
  });

  it('is held to the same demand', () => {
    const wrong = () => read({ GAVEL_OPERATOR_TOKEN_FILE: fileWith('too-short') });
    expect(wrong).toThrow(/GAVEL_OPERATOR_TOKEN must have/);
    expect(wrong).not.toThrow('too-short');
  });

  it('may not be given in both ways, and an empty variable is none', () => {
    const file = fileWith(SECRET);
    expect(() => read({ GAVEL_OPERATOR_TOKEN: SECRET, GAVEL_OPERATOR_TOKEN_FILE: file })).toThrow(/both set/);
    expect(read({ GAVEL_OPERATOR_TOKEN: '', GAVEL_OPERATOR_TOKEN_FILE: file }).operatorToken).toBe(SECRET);
    expect(read({ GAVEL_OPERATOR_TOKEN: SECRET, GAVEL_OPERATOR_TOKEN_FILE: '' }).operatorToken).toBe(SECRET);
  });

  it('is complained of together with everything else', () => {
    const env = { GAVEL_OPERATOR_TOKEN_FILE: join(folder, 'nothing'), GAVEL_CLOCK: 'x' };
    expect(() => read(env)).toThrow(/ENOENT/);
    expect(() => read(env)).toThrow(/GAVEL_CLOCK/);
  });

  it('has no file where it is no secret', () => {
    expect(read({ GAVEL_CLOCK_FILE: fileWith('simulated') }).clock).toBe('real');
  });
});

describe('a configuration that is shown', () => {
  it('has every variable, and no secret', () => {
    const shown = showConfig(read({ GAVEL_OPERATOR_TOKEN: SECRET, GAVEL_HOME: '/home/of/gavel' }));
    expect(Object.keys(shown)).toEqual(Object.values(TRUSTED_SERVICE_SETTINGS).map(({ variable }) => variable));
    expect(shown).toMatchObject({
      GAVEL_HOME: '/home/of/gavel',
      GAVEL_OPERATOR_TOKEN: '(hidden)',
      GAVEL_METRICS_TOKEN: null,
      GAVEL_TRUSTED_SERVICE_PORT: 8443,
    });
    expect(JSON.stringify(shown)).not.toContain(SECRET);
  });

  it('is that of a DMS too', () => {
    const env = {
      GAVEL_TRUSTED_SERVICE_URL: 'https://localhost',
      GAVEL_ROOT: '/root.pem',
      GAVEL_OPERATOR_TOKEN: SECRET,
    };
    const shown = showDmsConfig(parseDmsConfig({}, env, '/home/of/gavel'));
    expect(shown).toMatchObject({
      GAVEL_HOME: '/home/of/gavel',
      GAVEL_ROOT: '/root.pem',
      GAVEL_JOURNAL: 'sqlite:/home/of/gavel/dms/journal.sqlite',
      GAVEL_OPERATOR_TOKEN: '(hidden)',
    });
    expect(JSON.stringify(shown)).not.toContain(SECRET);
  });

  it('hides whatever is marked', () => {
    const table = { a: { ...TRUSTED_SERVICE_SETTINGS.clock, variable: 'A', secret: true } } as const;
    expect(showSettings(table, readSettings(table, {}, {}))).toEqual({ A: '(hidden)' });
  });
});
