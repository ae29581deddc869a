import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const project = join(import.meta.dirname, '..');
const home = mkdtempSync(join(tmpdir(), 'gavel-test-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

function gavel(args: readonly string[], env: Record<string, string> = {}, untilLine = false) {
  return new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    const options = { cwd: project, env: { PATH: process.env['PATH'], ...env } };
    const child = execFile(process.execPath, ['gavel.ts', ...args], options, (error, out, err) =>
      resolve({ code: error === null ? 0 : error.code, out, err }),
    );
    if (untilLine) child.stdout?.once('data', () => child.kill('SIGTERM'));
  });
}

describe('gavel', () => {
  it.each([
    [[], 2],
    [['--help'], 0],
    [['trusted-service', '--help'], 0],
    [['dms', '--help'], 0],
    [['client', '--help'], 0],
    [['bot', '--help'], 0],
    [['invite', '--help'], 0],
    [['audit', '--help'], 0],
    [['start', '--help'], 0],
    [['nonsense'], 2],
    [['client', '--nonsense'], 2],
    [['start', 'stray'], 2],
    [['invite', '--count', 'many'], 2],
    [['audit', '--expect-head', 'none'], 2],
  ])('%j ends with %i', async (args, code) => {
    expect((await gavel(args)).code).toBe(code);
  });

  it.each([
    ['https', [], {}],
    ['http', [], { GAVEL_TRUSTED_SERVICE_TLS: 'off' }],
    ['http', ['--no-tls'], { GAVEL_TRUSTED_SERVICE_TLS: 'on' }],
  ])('serves %s with %j and %j: options go before variables, variables before defaults', async (scheme, args, env) => {
    const all = { GAVEL_HOME: home, GAVEL_TRUSTED_SERVICE_PORT: '0', ...env };
    const { out, code } = await gavel(['trusted-service', ...args], all, true);
    expect(JSON.parse(out).listening).toMatch(new RegExp(`^${scheme}://`));
    expect(code).toBe(0);
  });

  it('says what to do about a wrong setting', async () => {
    const { err, code } = await gavel(['dms', '--port', '99999'], { GAVEL_HOME: home });
    expect(code).toBe(1);
    expect(JSON.parse(err).msg).toMatch(/GAVEL_DMS_PORT \(--port\) must be/);
  });
});
