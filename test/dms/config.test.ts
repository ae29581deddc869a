import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../dms/config.ts';
import { StartError } from '../../shared/start-error.ts';

const FINGERPRINT = `sha256:${'ab'.repeat(32)}`;
const NEEDED = { GAVEL_TRUSTED_SERVICE_URL: 'https://localhost:8443', GAVEL_ROOT: FINGERPRINT };
const parse = (options = {}, env = {}) => parseConfig(options, { ...NEEDED, ...env }, '/default');

describe('configuration', () => {
  it('has defaults for everything but whom to trust', () => {
    expect(parse()).toEqual({
      folder: join('/default', 'dms'),
      trustedServiceUrl: 'https://localhost:8443',
      root: FINGERPRINT,
      port: 8_444,
      bind: '127.0.0.1',
      hosts: ['localhost', '127.0.0.1'],
      clock: 'real',
      operatorToken: undefined,
      journal: { kind: 'sqlite', file: join('/default', 'dms', 'journal.sqlite') },
      tls: true,
    });
  });

  it('takes the environment, and an option before it', () => {
    const env = {
      ...{
        GAVEL_HOME: '/home',
        GAVEL_DMS_PORT: '0',
        GAVEL_DMS_BIND: '0.0.0.0',
        GAVEL_DMS_HOSTS: 'a.example,B.example',
      },
      ...{ GAVEL_CLOCK: 'simulated', GAVEL_JOURNAL: 'sqlite:here/j.db', GAVEL_DMS_TLS: 'off', GAVEL_ROOT: 'root.pem' },
      GAVEL_OPERATOR_TOKEN: 'secret-secret-secret',
    };
    expect(parse({}, env)).toMatchObject({
      ...{ folder: join('/home', 'dms'), port: 0, bind: '0.0.0.0', hosts: ['a.example', 'b.example'], tls: false },
      ...{ clock: 'simulated', journal: { kind: 'sqlite', file: resolve('here/j.db') }, root: resolve('root.pem') },
      operatorToken: 'secret-secret-secret',
    });
    expect(parse({ port: 7, home: '/other', clock: 'real' }, env)).toMatchObject({
      ...{ port: 7, folder: join('/other', 'dms'), clock: 'real' },
    });
  });

  it('takes a database from the environment, and not from a command line that everybody can read', () => {
    const url = 'postgres://gavel:secret@a.example:5432,b.example/gavel?sslmode=require';
    expect(parse({}, { GAVEL_JOURNAL: url }).journal).toEqual({ kind: 'postgres', url });
    expect(() => parse({ journal: url })).toThrow(StartError);
    expect(() => parse({ journal: url })).not.toThrow(/secret/);
    expect(() => parse({}, { GAVEL_JOURNAL: 'postgres://gavel:secret@nowhere' })).not.toThrow(/secret/);
    expect(parse({ journal: 'sqlite:j.db' }, { GAVEL_JOURNAL: url }).journal).toMatchObject({ kind: 'sqlite' });
  });

  it('takes an empty variable for none', () => {
    expect(parse({}, { GAVEL_DMS_PORT: '', GAVEL_OPERATOR_TOKEN: '' })).toMatchObject({ port: 8_444 });
  });

  it.each([
    ['GAVEL_DMS_PORT', '65536'],
    ['GAVEL_DMS_PORT', '-1'],
    ['GAVEL_DMS_PORT', '80.5'],
    ['GAVEL_DMS_BIND', 'localhost'],
    ['GAVEL_DMS_HOSTS', 'not a host'],
    ['GAVEL_DMS_HOSTS', Array.from({ length: 17 }, (_, index) => `h${index}.example`).join(',')],
    ['GAVEL_CLOCK', 'fast'],
    ['GAVEL_JOURNAL', 'postgres://somewhere'],
    ['GAVEL_JOURNAL', 'mysql://somewhere/gavel'],
    ['GAVEL_JOURNAL', 'sqlite:'],
    ['GAVEL_DMS_TLS', 'maybe'],
    ['GAVEL_TRUSTED_SERVICE_URL', 'localhost'],
    ['GAVEL_TRUSTED_SERVICE_URL', 'ftp://localhost'],
    ['GAVEL_TRUSTED_SERVICE_URL', ''],
    ['GAVEL_ROOT', ''],
    ['GAVEL_OPERATOR_TOKEN', 'with a blank'],
  ])('names the variable that is wrong: %s=%s', (variable, value) => {
    expect(() => parse({}, { [variable]: value })).toThrow(StartError);
    expect(() => parse({}, { [variable]: value })).toThrow(variable);
  });

  it('names all that is wrong at once', () => {
    const parsing = () => parseConfig({ port: 'x', clock: 'y' }, {}, '/default');
    for (const variable of ['GAVEL_TRUSTED_SERVICE_URL', 'GAVEL_ROOT', 'GAVEL_DMS_PORT', 'GAVEL_CLOCK']) {
      expect(parsing).toThrow(variable);
    }
  });
});
