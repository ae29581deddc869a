import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runBotCommand } from '../../client/bots/bot-command.ts';
import type { BotOptions } from '../../client/bots/bot-options.ts';
import { runClient } from '../../client/main.ts';
import type { ClientOptions } from '../../client/options.ts';
import { answerTo, startLineProgram } from '../support/line-program.ts';
import { RunningHouse } from '../support/running-house.ts';
import { soon, until } from '../support/until.ts';

let house: RunningHouse;
let folder: string;
beforeAll(async () => {
  house = await RunningHouse.start();
});
afterAll(() => house.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gavel-line-'));
});
afterEach(() => rm(folder, { recursive: true }));

function start(
  options: ClientOptions | BotOptions = {},
  env: Record<string, string> = {},
  run: typeof runClient = runClient,
) {
  return startLineProgram(options, environment(env), run);
}

function environment(changes: Record<string, string>): Record<string, string | undefined> {
  return {
    GAVEL_HOME: folder,
    GAVEL_TRUSTED_SERVICE_URL: house.serviceUrl,
    GAVEL_DMS_URL: house.dmsUrl,
    GAVEL_ROOT: `sha256:${house.root.sha256}`,
    GAVEL_USERNAME: `user-${folder.slice(-6).replaceAll(/[^A-Za-z0-9]/g, 'x')}`,
    ...changes,
  };
}

describe('gavel client --json', () => {
  it('enrols, answers what is typed, tells what happens, and ends', async () => {
    const seller = await house.enrolled('sam1');
    const program = start();
    program.stdin.write('/list "Oak desk" 100.00 +10m --increment 5\n/myitems\n');
    await until('the answers', () => answerTo(program.said(), 2));
    const terms = house.terms({ startingPrice: 10_000 });
    const other = await seller.list(terms);
    const number = other.outcome === 'accepted' ? other.number : 0;
    program.stdin.write(`{"id":"b","command":"bid","lot":${number},"amount":"120.00"}\n`);
    program.stdin.write(
      `/bid ${number} 120.00\n/bid ${number} 99\n/bid 999 1\n/bid ${number} 1.5e3\nnonsense\n/allitems\n`,
    );
    // Announcements come in ticks, so the one of our own bid may come after the answers.
    await until('the announcement', () => program.said().find(({ type }) => type === 'bid'));
    program.stdin.end('/quit\n');
    expect(await soon('the end', program.exit)).toBe(0);
    const said = program.said();
    expect(said.slice(0, 2).map(({ type }) => type)).toEqual(['hello', 'snapshot']);
    expect(said.every(({ simulated, at }) => simulated && Math.abs(at - house.now()) < 60_000)).toBe(true);
    expect(answerTo(said, 1)).toMatchObject({
      type: 'accepted',
      data: { command: 'list', number: expect.any(Number) },
    });
    expect(answerTo(said, 2)).toMatchObject({
      type: 'snapshot',
      data: {
        of: 'myitems',
        lots: [{ title: 'Oak desk', increment: 500, startingPrice: 10_000, standing: 'offering' }],
      },
    });
    expect(answerTo(said, 3)).toMatchObject({ type: 'accepted', data: { id: 'b', amount: 12_000, currency: 'EUR' } });
    expect(answerTo(said, 4)).toMatchObject({ type: 'rejected', data: { reason: expect.any(String) } });
    expect(answerTo(said, 5)).toMatchObject({ type: 'rejected', data: { reason: 'bid-below-starting-price' } });
    expect(answerTo(said, 6)).toMatchObject({ type: 'rejected', data: { reason: 'lot-not-found' } });
    expect(answerTo(said, 7)).toMatchObject({ type: 'error', data: { code: 'amount-malformed' } });
    expect(answerTo(said, 8)).toMatchObject({ type: 'error', data: { code: 'command-malformed' } });
    expect(answerTo(said, 9)).toMatchObject({ type: 'snapshot', data: { of: 'allitems' } });
    expect(said.at(-1)).toMatchObject({ type: 'bye', data: { reason: 'quit', line: 10, exitCode: 0 } });
    expect(program.complaints()).toBe('');
    const events = said.filter(({ data }) => data['line'] === undefined).map(({ type }) => type);
    expect(events).toEqual(expect.arrayContaining(['listed', 'bid']));
  });

  it('continues from a position, with everything that was announced since', async () => {
    const seller = await house.enrolled('sam2');
    const first = start();
    first.stdin.end();
    await first.exit;
    const { position } = first.said()[0]!.data as { position: number };
    await seller.list(house.terms({ title: 'missed' }));
    await until('it to be told', () => seller.position > position);
    const second = start({ since: String(position) });
    second.stdin.end();
    await second.exit;
    const missed = second.said().find(({ type }) => type === 'listed');
    expect(missed?.data).toMatchObject({ title: 'missed' });
    expect(second.said().map(({ type }) => type)[0]).toBe('hello');
  });

  it.each<[string, BotOptions, Record<string, string>, string, number]>([
    ['without an address', {}, { GAVEL_DMS_URL: '' }, 'address-missing', 2],
    ['with an address that is none', { dmsUrl: 'localhost:1' }, {}, 'option-malformed', 2],
    ['with a position that is none', { since: '-1' }, {}, 'option-malformed', 2],
    ['without a root', {}, { GAVEL_ROOT: '' }, 'root-missing', 2],
    ['without a name', {}, { GAVEL_USERNAME: '' }, 'username-missing', 2],
    ['under a name that is not allowed', { username: 'a b' }, {}, 'username-invalid', 2],
    ['with another root', { root: `sha256:${'00'.repeat(32)}` }, {}, 'peer-untrusted', 6],
    ['with a passphrase that nobody can be asked for', { passphrase: true }, {}, 'passphrase-missing', 2],
  ])('%s says what to do', async (_what, options, env, code, exitCode) => {
    const program = start(options, env);
    expect(await soon('the end', program.exit)).toBe(exitCode);
    expect(program.said().map(({ type }) => type)).toEqual(['error', 'bye']);
    expect(program.said()[0]?.data).toMatchObject({ code, exitCode, advice: expect.stringMatching(/\.$/) });
    expect(program.complaints()).toMatch(new RegExp(`^gavel: ${code}: .*\n$`));
  });

  it('with nobody there names the address and ends with 5', async () => {
    const programs = ['GAVEL_TRUSTED_SERVICE_URL', 'GAVEL_DMS_URL'].map((name) =>
      start({}, { [name]: 'https://127.0.0.1:9' }),
    );
    for (const program of programs) {
      expect(await soon('the end', program.exit)).toBe(5);
      expect(program.complaints()).toContain('https://127.0.0.1:9');
      expect(program.said().map(({ type }) => type)).toEqual(['error', 'bye']);
    }
  });

  it('with a DMS at the address of the Trusted Service, and the other way round, trusts neither', async () => {
    const swapped = { GAVEL_TRUSTED_SERVICE_URL: house.dmsUrl, GAVEL_ROOT: '' };
    await start({ command: ['/quit'] }).exit;
    const program = start({ command: ['/quit'] }, swapped);
    expect(await soon('the end', program.exit)).toBe(6);
    const other = start({ command: ['/quit'] }, { GAVEL_DMS_URL: house.serviceUrl });
    expect(await soon('the end', other.exit)).toBe(6);
  });

  it('refuses a home that others can read', async () => {
    await start({ command: ['/quit'] }).exit;
    await chmod(join(folder, 'client', 'identity.json'), 0o644);
    const program = start({ command: ['/quit'] });
    expect(await program.exit).toBe(2);
    expect(program.complaints()).toContain(`chmod 600 ${join(folder, 'client', 'identity.json')}`);
  });

  it('takes a passphrase from a file', async () => {
    const passphraseFile = join(folder, 'passphrase');
    await writeFile(passphraseFile, 'correct horse\n', { mode: 0o600 });
    expect(await start({ passphraseFile, command: ['/quit'] }).exit).toBe(0);
    expect(await start({ passphraseFile, command: ['/quit'] }).exit).toBe(0);
    const without = start({ command: ['/quit'] });
    expect(await without.exit).toBe(2);
    await writeFile(passphraseFile, 'wrong\n');
    expect(await start({ passphraseFile, command: ['/quit'] }).exit).toBe(4);
  });

  it('with commands as the whole task tells by its exit code how they ended', async () => {
    expect(await start({ command: ['/list "Oak desk" 100.00 +10m'] }).exit).toBe(0);
    expect(await start({ command: ['/bid 999 100.00', '/allitems'] }).exit).toBe(3);
    expect(await start({ command: ['/bid'] }).exit).toBe(2);
  });

  it('ends quietly when nobody reads it any more', async () => {
    const program = start();
    await until('hello', () => program.said()[0]);
    program.stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(await soon('the end', program.exit)).toBe(0);
    expect(program.complaints()).toBe('');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('ends at %s with %d', async (signal, exitCode) => {
    const program = start();
    await until('hello', () => program.said()[0]);
    program.stop.abort(signal);
    expect(await soon('the end', program.exit)).toBe(exitCode);
    expect(program.said().at(-1)).toMatchObject({ type: 'bye', data: { reason: 'interrupted', exitCode } });
  });

  it('tells that the link went down and came back', async () => {
    const program = start();
    await until('hello', () => program.said()[0]);
    await house.restartDms();
    await until('the link', () => program.said().find(({ type }) => type === 'link-up'));
    expect(program.said().find(({ type }) => type === 'link-down')).toMatchObject({
      data: { reason: expect.any(String), attempt: 1, nextTryInMs: 0 },
    });
    program.stdin.end();
    expect(await program.exit).toBe(0);
  });
});

describe('gavel client --plain', () => {
  it('says sentences, and nothing but', async () => {
    const program = start({ json: false, plain: true });
    program.stdin.end('/list "Oak desk" 100.00 +10m\n/bid 999 1\n/help\n');
    expect(await soon('the end', program.exit)).toBe(0);
    expect(program.text()).toMatch(/SIM Connected to https:/);
    expect(program.text()).toMatch(/SIM Accepted: you offer #\d+ "Oak desk"\./);
    expect(program.text()).toMatch(/SIM Rejected \(lot-not-found\)\./);
    expect(program.text()).toMatch(/Goodbye\.\n$/);
    expect(program.text()).not.toMatch(/[{}]|\p{Cf}/u);
    expect(program.text()).not.toContain('\u001b');
  });

  it('says on standard error why it can not begin', async () => {
    const program = start({ json: false, plain: true }, { GAVEL_USERNAME: '' });
    expect(await program.exit).toBe(2);
    expect(program.text()).toBe('');
    expect(program.complaints()).toMatch(/^gavel: username-missing: /);
  });
});

describe('gavel bot', () => {
  const bot =
    (strategy: string): typeof runClient =>
    (options, io) =>
      runBotCommand(strategy, options as BotOptions, io);

  it('bids on its lot until it is closed, and learns from whom it bought', async () => {
    const seller = await house.enrolled('sam3');
    const terms = house.terms({ startingPrice: 10_000, title: 'for the bot' });
    const listed = await seller.list(terms);
    const lot = listed.outcome === 'accepted' ? String(listed.number) : '';
    const program = start({ max: '150.00', lot }, {}, bot('increment'));
    await until('its bid', () => program.said().find(({ type }) => type === 'accepted'));
    await house.travelPastClosing(terms.closesAt);
    expect(await soon('the end', program.exit)).toBe(0);
    expect(program.said().find(({ type }) => type === 'accepted')).toMatchObject({ data: { amount: 10_000 } });
    expect(program.said().at(-1)).toMatchObject({ type: 'bye', data: { reason: 'done', exitCode: 0 } });
  });

  it.each<[string, BotOptions, string]>([
    ['greedy', { max: '100', budget: '100' }, 'bot-unknown'],
    ['./no-such-bot.ts', { max: '100', budget: '100' }, 'bot-malformed'],
    ['increment', { budget: '100' }, 'option-malformed'],
    ['increment', { max: '100' }, 'option-malformed'],
    ['increment', { max: 'much', budget: '100' }, 'amount-malformed'],
    ['increment', { max: '100', lot: 'x' }, 'lot-malformed'],
    ['increment', { max: '100', lot: '99999' }, 'option-malformed'],
    ['increment', { max: '100', budget: '1', perMinute: '0' }, 'option-malformed'],
    ['increment', { max: '100', budget: '1', name: '../x' }, 'option-malformed'],
    ['increment', { max: '100', maxFile: '/x', budget: '1' }, 'option-malformed'],
    ['increment', { max: '100', budget: '1', currency: 'XXQ' }, 'currency-unknown'],
    ['sniper', { max: '100', budget: '1', last: 'soon' }, 'option-malformed'],
    ['proxy', { max: '100' }, 'option-malformed'],
  ])('%s with %j is no way to start one', async (strategy, options, code) => {
    const program = start(options, {}, bot(strategy));
    expect(await program.exit).toBe(2);
    expect(program.said().find(({ type }) => type === 'error')?.data).toMatchObject({ code });
  });
});
