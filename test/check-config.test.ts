/** `--check-config` of both servers, as an operator runs it. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const project = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'gavel-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SECRET = 'a-secret-of-the-operator';
const home = join(folder, 'home');
const DMS = { GAVEL_TRUSTED_SERVICE_URL: 'https://localhost:8443', GAVEL_ROOT: `sha256:${'ab'.repeat(32)}` };

function check(program: string, env: Record<string, string>, ...args: string[]) {
  const options = { cwd: project, env: { PATH: process.env['PATH'], GAVEL_HOME: home, ...env } };
  return new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    execFile(process.execPath, ['gavel.mjs', program, '--check-config', ...args], options, (error, out, err) =>
      resolve({ code: error === null ? 0 : error.code, out, err }),
    );
  });
}

describe.each([
  ['trusted-service', {} as Record<string, string>, 'GAVEL_TRUSTED_SERVICE_PORT'],
  ['dms', DMS as Record<string, string>, 'GAVEL_DMS_PORT'],
])('gavel %s --check-config', (program, env, port) => {
  it('prints the configuration without its secrets, ends with 0, and leaves nothing behind', async () => {
    const file = join(folder, `token-of-${program}`);
    writeFileSync(file, `${SECRET}\n`, { mode: 0o600 });
    const { code, out, err } = await check(program, { ...env, GAVEL_OPERATOR_TOKEN_FILE: file }, '--port', '12345');
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({ GAVEL_HOME: home, [port]: 12_345, GAVEL_OPERATOR_TOKEN: '(hidden)' });
    expect(out).not.toContain(SECRET);
    expect(existsSync(home)).toBe(false);
    expect(readdirSync(folder).filter((name) => !name.startsWith('token-of-'))).toEqual([]);
  });

  it('says everything that is wrong, and ends with 2', async () => {
    const wrong = { ...env, GAVEL_CLOCK: 'wrong', GAVEL_OPERATOR_TOKEN_FILE: join(folder, 'nothing') };
    const { code, out, err } = await check(program, wrong);
    expect([code, out]).toEqual([2, '']);
    const [line, ...more] = err.trim().split('\n');
    expect(more).toEqual([]);
    expect(JSON.parse(line ?? '').msg).toMatch(/GAVEL_CLOCK .*GAVEL_OPERATOR_TOKEN_FILE: /);
    expect(existsSync(home)).toBe(false);
  });
});
