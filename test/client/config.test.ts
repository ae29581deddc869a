import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseClientConfig } from '../../client/config.ts';
import type { Environment } from '../../client/environment.ts';
import type { ClientOptions } from '../../client/options.ts';
import { complaintBy } from './complaint.ts';

const addresses = { trustedServiceUrl: 'https://trust.example:8443', dmsUrl: 'https://dms.example:8444' };
const parse = (options: ClientOptions, env: Environment = {}) => parseClientConfig({ ...addresses, ...options }, env);

describe('the invite', () => {
  it('is taken from the option, else from the environment; one that is set to nothing is none', () => {
    expect(parse({ invite: 'ABCDE' }, { GAVEL_INVITE: 'FGHJK' }).invite).toBe('ABCDE');
    expect(parse({}, { GAVEL_INVITE: 'FGHJK' }).invite).toBe('FGHJK');
    expect(parse({}, { GAVEL_INVITE: '' })).not.toHaveProperty('invite');
  });

  it.each(['', '  ', 'A'.repeat(65)])('%j is no code', (invite) => {
    expect(complaintBy(() => parse({ invite }))).toBe('option-malformed');
  });
});

describe("the operator's token", () => {
  const folder = mkdtempSync(join(tmpdir(), 'gavel-token-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, mode: number, text = 'secret\n') => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode });
    return path;
  };

  it('is taken from the file of the option, else from the environment or the file that it names', () => {
    const operatorTokenFile = file('mine', 0o600);
    expect(parse({ operatorTokenFile }, { GAVEL_OPERATOR_TOKEN: 'other' }).operatorToken).toBe('secret');
    expect(parse({}, { GAVEL_OPERATOR_TOKEN: 'other' }).operatorToken).toBe('other');
    expect(parse({}, { GAVEL_OPERATOR_TOKEN_FILE: operatorTokenFile }).operatorToken).toBe('secret');
    expect(parse({}, { GAVEL_OPERATOR_TOKEN: '' })).not.toHaveProperty('operatorToken');
  });

  it.each<[string, ClientOptions, Environment]>([
    ['that is not there', { operatorTokenFile: join(folder, 'nowhere') }, {}],
    ['that is empty', { operatorTokenFile: file('empty', 0o600, '\n') }, {}],
    ['that others can read', { operatorTokenFile: file('open', 0o644) }, {}],
    ['beside a variable', {}, { GAVEL_OPERATOR_TOKEN: 'a', GAVEL_OPERATOR_TOKEN_FILE: file('both', 0o600) }],
  ])('in a file %s complains', (_what, options, env) => {
    expect(complaintBy(() => parse(options, env))).toBe('option-malformed');
  });
});
