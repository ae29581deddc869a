import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const project = join(import.meta.dirname, '..');
const home = mkdtempSync(join(tmpdir(), 'gavel-test-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

function gavel(args: readonly string[], env: Record<string, string> = {}, untilLine = false, file = 'gavel.ts') {
  return new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    const options = { cwd: project, env: { PATH: process.env['PATH'], ...env } };
    const child = execFile(process.execPath, [file, ...args], options, (error, out, err) =>
      resolve({ code: error === null ? 0 : error.code, out, err }),
    );
    if (untilLine) child.stdout?.once('data', () => child.kill('SIGTERM'));
  });
}

describe('the quick way in', () => {
  it('says the same as the program itself, with its exit code', async () => {
    for (const args of [['--help'], ['client', '--help'], ['nonsense'], []])
      expect(await gavel(args, {}, false, 'gavel.mjs')).toEqual(await gavel(args));
  });

  it('keeps what Node makes of the sources in the project, where nobody else can write', async () => {
    const { code, err } = await gavel(['client', '--help'], { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' }, false, 'gavel.mjs');
    expect(code).toBe(0);
    expect(err).toContain(`cache directory ${join(project, 'build', 'compile-cache')}`);
    expect(err).toMatch(/cache for StrippedTypeScript file:.*options\.ts/);
  });

  it('reads no schema for help', async () => {
    const hook = `import { registerHooks } from 'node:module';
      registerHooks({ resolve: (name, context, next) => { process.stderr.write(name + '\\n'); return next(name, context); } });`;
    const options = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hook)}` };
    const { err } = await gavel(['client', '--help'], options);
    expect(err).toContain('./client/options.ts');
    expect(err).not.toContain('zod');
  });
});

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
