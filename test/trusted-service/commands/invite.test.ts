import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INVITE_OPTIONS, type InviteOptions, runInvite } from '../../../trusted-service/commands/invite.ts';
import { TestParticipant } from '../test-participant.ts';
import { OPERATOR_TOKEN, TestMachine, TestService } from '../test-service.ts';
import { runCommand } from './command-run.ts';

let service: TestService;
let env: Record<string, string>;
beforeAll(async () => {
  service = await TestService.start({ tls: true, registration: 'invite' }, new TestMachine(Date.now()));
  env = {
    GAVEL_TRUSTED_SERVICE_URL: service.url,
    GAVEL_ROOT: service.rootFile,
    GAVEL_OPERATOR_TOKEN: OPERATOR_TOKEN,
  };
});
afterAll(() => service.stop());

const invite = (options: InviteOptions = {}, changes: Record<string, string> = {}) =>
  runCommand((io) => runInvite(options, io), { ...env, ...changes });

describe('gavel invite', () => {
  it('prints one code a line, over TLS that trusts the root alone, and each is good', async () => {
    const { exitCode, lines, stderr } = await invite({ count: '3', expires: '12h' });
    expect([exitCode, lines.length]).toEqual([0, 3]);
    expect(stderr).toContain(new Date(service.machine.time + 12 * 3_600_000).toISOString());
    for (const [at, code] of lines.entries()) {
      const csr = await new TestParticipant(service).csr();
      await service.client.signCsr({ csr, username: `user-${at}`, invite: code });
    }
  });

  it('makes one for seven days where nothing is said, and takes the root by its fingerprint', async () => {
    const { exitCode, lines, stderr } = await invite({}, { GAVEL_ROOT: `sha256:${service.root.sha256}` });
    expect([exitCode, lines.length]).toEqual([0, 1]);
    expect(stderr).toContain(new Date(service.machine.time + 7 * 24 * 3_600_000).toISOString());
  });

  it('prefers options to the environment', async () => {
    const options = { trustedServiceUrl: service.url, root: service.rootFile };
    const wrong = { GAVEL_TRUSTED_SERVICE_URL: 'https://nowhere.example', GAVEL_ROOT: '/nowhere' };
    expect((await invite(options, wrong)).exitCode).toBe(0);
    expect(INVITE_OPTIONS.flatMap(({ variable }) => variable ?? []).sort()).toEqual(Object.keys(env).sort());
  });

  it('takes the token from a file, and not from two places', async () => {
    const file = join(service.home, 'token-for-invites');
    writeFileSync(file, `${OPERATOR_TOKEN}\n`, { mode: 0o600 });
    const named = { GAVEL_OPERATOR_TOKEN_FILE: file };
    expect((await invite({}, { ...named, GAVEL_OPERATOR_TOKEN: '' })).exitCode).toBe(0);
    expect((await invite({}, named)).exitCode).toBe(2);
  });

  it.each<[string, number, InviteOptions, Record<string, string>]>([
    ['no number', 2, { count: 'many' }, {}],
    ['none', 2, { count: '0' }, {}],
    ['too many', 2, { count: '1001' }, {}],
    ['a number with a sign', 2, { count: '+1' }, {}],
    ['no duration', 2, { expires: '7' }, {}],
    ['a duration without end', 2, { expires: '999999w' }, {}],
    ['a note of two lines', 2, { note: 'a\nb' }, {}],
    ['no address', 2, {}, { GAVEL_TRUSTED_SERVICE_URL: '' }],
    ['no token', 2, {}, { GAVEL_OPERATOR_TOKEN: '' }],
    ['another token', 4, {}, { GAVEL_OPERATOR_TOKEN: 'not-the-operators-token' }],
    ['nobody there', 5, {}, { GAVEL_TRUSTED_SERVICE_URL: 'https://127.0.0.1:1' }],
    ['another root', 6, {}, { GAVEL_ROOT: `sha256:${'0'.repeat(64)}` }],
  ])('with %s exits with %i and prints no code, nor the token', async (_what, expected, options, changes) => {
    const { exitCode, stdout, stderr } = await invite(options, changes);
    expect([exitCode, stdout]).toEqual([expected, '']);
    expect(stderr).toMatch(/^.+\n$/);
    expect(stderr).not.toContain(changes['GAVEL_OPERATOR_TOKEN'] || OPERATOR_TOKEN);
  });
});
