import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asksFirst } from '../../../client/door/asks-first.ts';
import type { Environment } from '../../../client/environment.ts';
import type { ClientOptions } from '../../../client/options.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'gavel-asks-'));
});
afterAll(() => rmSync(home, { recursive: true }));

const HOUSE: ClientOptions = { trustedServiceUrl: 'https://a:8443', dmsUrl: 'https://a:8444' };
const NEW: ClientOptions = { ...HOUSE, root: 'sha256:00', username: 'ann' };
const OPEN = { username: 'ann', credentials: {}, secrets: { protection: 'none' } };
const LOCKED = { ...OPEN, secrets: { protection: 'argon2id-aes-256-gcm' } };
const BEGUN = { username: 'ann', secrets: { protection: 'none' } };

interface Case {
  readonly identity?: unknown;
  readonly isKept?: true;
  readonly options?: ClientOptions;
  readonly env?: Environment;
}

const CASES: readonly (readonly [string, Case, boolean])[] = [
  ['nothing is known', {}, true],
  ['all is said of somebody new', { options: NEW }, false],
  ['nobody said which root', { options: { ...HOUSE, username: 'ann' } }, true],
  ['nobody said which name', { options: { ...HOUSE, root: 'sha256:00' } }, true],
  ['the environment says the name', { options: { ...HOUSE, root: 'x' }, env: { GAVEL_USERNAME: 'ann' } }, false],
  ['a variable is set to nothing', { options: { ...HOUSE, root: 'x' }, env: { GAVEL_USERNAME: '' } }, true],
  ['a home knows its house', { identity: OPEN, isKept: true }, false],
  ['a home has no house', { identity: OPEN }, true],
  ['a home is told the house', { identity: OPEN, options: HOUSE }, false],
  ['a home was begun, and its house is kept', { identity: BEGUN, isKept: true }, false],
  ['a home is locked', { identity: LOCKED, isKept: true }, true],
  ['a locked home gets its passphrase', { identity: LOCKED, isKept: true, options: { passphraseFile: 'p' } }, false],
  ['a home is to be locked', { identity: OPEN, isKept: true, options: { passphrase: true } }, true],
  ['the home is damaged', { identity: 'x', isKept: true }, true],
];

describe('what is asked before a screen can be there', () => {
  it.each(CASES)('where %s', (_where, { identity, isKept, options = {}, env = {} }, expected) => {
    rmSync(join(home, 'client'), { recursive: true, force: true });
    mkdirSync(join(home, 'client'));
    const write = (name: string, text: string) => writeFileSync(join(home, 'client', name), text);
    if (identity !== undefined) write('identity.json', identity === 'x' ? '{' : JSON.stringify(identity));
    if (isKept === true) write('settings.json', '{}');
    expect(asksFirst({ home, ...options }, env)).toBe(expected);
  });
});
