/** The first run at a real terminal, against a real house: every wrong answer on the way, and what is left behind. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildScreen } from '../../build.mjs';
import { freePort } from '../support/free-port.ts';
import { RunningHouse } from '../support/running-house.ts';
import { TypedTerminal } from '../support/typed-terminal.ts';

let house: RunningHouse;
let folder: string;
let terminal: TypedTerminal | undefined;
beforeAll(async () => {
  await buildScreen();
  house = await RunningHouse.start();
  await house.enrolled('ann');
});
afterAll(() => house.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gavel-door-'));
});
afterEach(() => {
  terminal?.close();
  rmSync(folder, { recursive: true });
});

const home = () => join(folder, 'home');
const settings = () => JSON.parse(readFileSync(join(home(), 'client', 'settings.json'), 'utf8'));
/** What is written where somebody came in, and what ends it. */
const FACES = [
  { face: 'screen', option: [], inside: /● live/, goodbye: 'q' },
  { face: 'plain', option: ['--plain'], inside: /Connected to|lots/, goodbye: '\x04' },
] as const;

/** To the question of the name, without a mistake. */
async function untilName(at: TypedTerminal, address = house.dmsUrl): Promise<void> {
  await at.see(/Address of the house.*: /);
  at.enter(address);
  await at.see(/last 8 characters.*: /);
  at.enter(house.root.sha256.slice(-8));
  if (address === house.serviceUrl) {
    await at.see(/Address of the DMS: /);
    // In place of the one that is proposed.
    at.press('\x15');
    at.enter(house.dmsUrl);
  }
  await at.see(/User name: /);
}

/** The rest of the questions, to the house. */
async function join_(at: TypedTerminal, name: string): Promise<void> {
  at.enter(name);
  await at.see(/Contact.*: /);
  at.enter(`${name}@mail.example`);
  await at.see(/Passphrase.*: /);
  at.enter('');
}

describe.each(FACES)(
  'the first run, before the $face face',
  { timeout: 60_000 },
  ({ face, option, inside, goodbye }) => {
    /** The house knows both faces. */
    const named = (name: string) => `${name}-${face}`;
    const start = (args: readonly string[] = [], env: Record<string, string> = {}) => {
      terminal = new TypedTerminal(['client', ...option, ...args], { GAVEL_HOME: home(), HOME: folder, ...env });
      return terminal;
    };

    it.each(['dms', 'service'] as const)('leads from the address of the %s into the house', async (which) => {
      const at = start();
      await untilName(at, which === 'dms' ? house.dmsUrl : house.serviceUrl);
      await join_(at, named(`from-${which}`));
      await at.see(new RegExp(`You are enrolled as from-${which}-${face}`));
      await at.see(inside);
      expect(settings()).toEqual({
        v: 1,
        trustedServiceUrl: house.serviceUrl,
        dmsUrl: house.dmsUrl,
        root: `sha256:${house.root.sha256}`,
      });
      expect(statSync(join(home(), 'client', 'settings.json')).mode & 0o777).toBe(0o600);
      at.press(goodbye);
      expect(await at.end()).toBe(0);
      expect(at.isSane).toBe(true);
    });

    it('needs no second address where the Trusted Service tells its DMS', async () => {
      await house.stopService();
      await house.startService({ dmsUrl: house.dmsUrl });
      const at = start();
      await at.see(/Address of the house.*: /);
      // A name alone would be tried at the usual ports; scheme and path may be there or not.
      at.enter(`${house.serviceUrl.replace('https://', '')}/docs`);
      await at.see(/last 8 characters.*: /);
      at.enter(`SHA256:${house.root.sha256.toUpperCase()}`);
      await at.see(/User name: /);
      expect(at.text).not.toContain('Address of the DMS');
      expect(at.text).toContain(`${house.serviceUrl} and ${house.dmsUrl}`);
    });

    it('asks nothing the second time, and options go before what was kept', async () => {
      const first = start();
      await untilName(first);
      await join_(first, named('once'));
      await first.see(/enrolled as once/);
      await first.see(inside);
      first.press(goodbye);
      await first.end();
      const second = start();
      await second.see(inside);
      second.enter('/quit');
      expect(await second.end()).toBe(0);
      expect(second.text).toContain('once');
      expect(second.text).not.toMatch(/Address|fingerprint|User name/);
      const elsewhere = start(['--dms-url', `https://127.0.0.1:${await freePort()}`]);
      expect(await elsewhere.end()).toBe(5);
    });

    it('says what to do about each wrong answer, and asks again', async () => {
      const at = start();
      await at.see(/Address of the house.*: /);
      at.enter('');
      await at.see(/one is enough/);
      at.enter('what is that');
      await at.see(/is no address/);
      at.press('\x15');
      at.enter(`127.0.0.1:${await freePort()}`);
      await at.see(/answers as a Gavel service/);
      await at.see(/check its address/);
      at.press('\x15');
      at.enter(house.dmsUrl.replace('https://', ''));
      await at.see(/or y . n: /);
      at.enter('maybe');
      await at.see(/at least the last 8 characters/);
      at.enter('00000000');
      await at.see(/another fingerprint/);
      await at.see(/or y . n: /);
      at.enter('n');
      await at.see(/not the house that you were told of/);
      await untilName(at);
      at.press('a!');
      await at.see(/it must have 3 to 32 characters/);
      at.enter('');
      await at.see(/not allowed: it must have 3 to 32 characters/);
      await at.see(/User name: /);
      await join_(at, 'ann');
      await at.see(/The user name is taken/);
      await at.see(/User name: /);
      at.press(named('ben'));
      await at.see(/✓ allowed/);
      at.enter('');
      await at.see(/enrolled as ben/);
    });

    it('asks for the code where the house invites', async () => {
      await house.stopService();
      await house.startService({ registration: 'invite' });
      const { codes } = await house.operator.makeInvites({ count: 1 });
      const at = start();
      await untilName(at);
      await join_(at, named('guest'));
      await at.see(/Only who was invited/);
      await at.see(/Invite code.*: /);
      at.enter('AAAAA-AAAAA-AAAAA-AAAAA-AAAAA');
      await at.see(/This invite is not good/);
      await at.see(/Invite code.*: /);
      at.enter(codes[0]!);
      await at.see(/enrolled as guest/);
      at.close();
      await house.stopService();
      await house.startService();
    });

    it('protects the keys with a passphrase that is typed twice the same, and shows nothing of it', async () => {
      const at = start();
      await untilName(at);
      at.enter(named('careful'));
      await at.see(/Contact.*: /);
      at.enter('');
      await at.see(/Passphrase.*: /);
      at.enter('hunter2-one');
      await at.see(/Once more: /);
      at.enter('hunter2-two');
      await at.see(/two different passphrases/);
      await at.see(/Passphrase.*: /);
      at.enter('hunter2-one');
      await at.see(/Once more: /);
      at.enter('hunter2-one');
      await at.see(/enrolled as careful/);
      expect(at.text).not.toContain('hunter2');
      const file = readFileSync(join(home(), 'client', 'identity.json'), 'utf8');
      expect(JSON.parse(file).secrets.protection).toBe('argon2id-aes-256-gcm');
      expect(JSON.parse(file)).not.toHaveProperty('contact');

      await at.see(inside);
      at.press(goodbye);
      await at.end();
      const wrong = start();
      await wrong.see(/Passphrase: /);
      wrong.enter('hunter2-two');
      expect(await wrong.end()).toBe(4);
      expect(wrong.text).toContain('passphrase-wrong');
      const again = start();
      await again.see(/Passphrase: /);
      again.enter('hunter2-one');
      await again.see(inside);
      again.press(goodbye);
      expect(await again.end()).toBe(0);
      expect(again.text).not.toMatch(/hunter2|Address/);
      const away = start();
      await away.see(/Passphrase: /);
      away.press('\x03');
      expect(await away.end()).toBe(130);
      expect([again.isSane, away.isSane, away.tookScreen]).toEqual([true, true, false]);
    });

    it.each([
      ['at the first question', async (at: TypedTerminal) => void (await at.see(/Address of the house.*: /))],
      ['at the name', untilName],
      [
        'after a name that was taken',
        async (at: TypedTerminal) => {
          await untilName(at);
          await join_(at, 'ann');
          await at.see(/The user name is taken/);
          await at.see(/User name: /);
        },
      ],
    ])('leaves nothing half-done when it is interrupted %s', async (_when, lead) => {
      const at = start();
      await lead(at);
      at.press('\x03');
      expect(await at.end()).toBe(130);
      // The questions and what was said to them stay where they were: no other screen came over them.
      expect([at.isSane, at.tookScreen]).toEqual([true, false]);
      expect(existsSync(join(home(), 'client')) ? readdirSync(join(home(), 'client')) : []).toEqual([]);
    });

    it('leaves nothing half-done when a signal ends it', async () => {
      const at = start();
      await untilName(at);
      at.kill('SIGTERM');
      expect(await at.end()).toBe(143);
      expect([at.isSane, at.tookScreen]).toEqual([true, false]);
      expect(existsSync(join(home(), 'client'))).toBe(false);
    });

    it('believes no other root than the one that was given, and asks nobody about it', async () => {
      const at = start(['--dms-url', house.dmsUrl, '--root', `sha256:${'0'.repeat(64)}`]);
      expect(await at.end()).toBe(6);
      expect(at.text).toMatch(/peer-untrusted/);
      expect(existsSync(join(home(), 'client', 'settings.json'))).toBe(false);
    });
  },
);
