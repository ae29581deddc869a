/** Planted secrets are in no log: neither the operator's token, nor anybody's papers, passphrase, name or bid. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DmsProcess } from '../support/dms-process.ts';
import { filesIn, filesWith, formsOf } from '../support/files-in.ts';
import type { HandParticipant } from '../support/hand-participant.ts';
import { OPERATOR_TOKEN } from '../support/house-servers.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { refusalOf } from '../support/refusal.ts';
import { type ListedLot, RunningHouse } from '../support/running-house.ts';
import { soon } from '../support/until.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const PASSPHRASE = 'correct-horse-battery-staple-of-the-test';

let house: RunningHouse;
let dms: DmsProcess;
let seller: HandParticipant;
let bidder: HandParticipant;
let sellers: RawSocket;
let bidders: RawSocket;
let lot: ListedLot;
/** What must not be in a log, with a name for the message. */
const secrets = new Map<string, string | Uint8Array>([['the operator token', OPERATOR_TOKEN]]);
let client: { stdout: string; stderr: string };

beforeAll(async () => {
  house = await RunningHouse.start({ withoutDms: true });
  dms = await DmsProcess.start(house);
  seller = await house.participant('grumbledook', 'grumbledook@planted.example');
  bidder = await house.participant('wintersmith', 'wintersmith@planted.example');
  secrets.set('a user name', 'grumbledook').set('a contact', 'wintersmith@planted.example');
  sellers = await house.rawSocket(seller);
  bidders = await house.rawSocket(bidder);
  lot = await house.list(seller, sellers);
  await makeTrouble();
  client = await runClientWithPassphrase();
  await house.travelPastClosing(lot.terms.closesAt);
  await bidders.told('auction_closed');
});
afterAll(async () => {
  await dms.kill();
  await house.close();
});

/** Bids, right and wrong, and papers, right and wrong: everything that could make somebody log what he should not. */
async function makeTrouble(): Promise<void> {
  for (const amount of [123_456_789, 1]) {
    const statement = await house.statement(bidder, house.bidClaims(lot, amount));
    const timestamp = await bidder.stamp(statement);
    await bidders.ask('command', bidder.seal(statement, timestamp, bidders.sealingKey));
    secrets.set(`the statement of ${amount}`, statement).set(`its claims of ${amount}`, statement.split('.')[1]!);
    secrets.set(`its token of ${amount}`, timestamp.batch);
    const moved = seller.seal(statement, timestamp, sellers.sealingKey);
    await sellers.ask('command', moved);
    await sellers.ask('command', `${moved.slice(0, -4)}AAAA`);
    secrets.set(`the envelope of ${amount}`, moved);
  }
  const auth = await bidder.auth();
  secrets.set('an access token', auth.token).set('its signature', auth.token.split('.')[2]!);
  secrets.set('a certificate', bidder.parsed.der);
  await refusalOf(house.bareSocket({ ...auth, certificate: seller.certificate }));
  await refusalOf(house.bareSocket({ ...auth, token: `${auth.token}x` }));
  await sellers.ask('renew', { token: auth.token, certificate: seller.certificate });
  await refusalOf(house.connectService('wrong-operator-token-planted').setTime(1));
  secrets.set('a wrong operator token', 'wrong-operator-token-planted');
  const proof = await bidder.proof();
  await refusalOf(house.connectService().issue({ certificate: seller.certificate, proof }));
  secrets.set('a proof', proof).set("a private key's scalar", bidder.keys.privateKey.export({ format: 'jwk' }).d!);
}

/** The client as its user starts it, with a home that a passphrase protects. */
async function runClientWithPassphrase(): Promise<{ stdout: string; stderr: string }> {
  const folder = join(house.home, 'passphrase');
  mkdirSync(folder, { mode: 0o700 });
  const file = join(folder, 'passphrase');
  writeFileSync(file, `${PASSPHRASE}\n`, { mode: 0o600 });
  secrets.set('the passphrase', PASSPHRASE);
  const { trustedServiceUrl, root } = house.dmsSettings();
  const child = spawn(process.execPath, ['gavel.ts', 'client', '--json', '--passphrase-file', file], {
    cwd: PROJECT,
    env: {
      PATH: process.env['PATH'],
      GAVEL_HOME: join(house.home, 'protected'),
      GAVEL_TRUSTED_SERVICE_URL: String(trustedServiceUrl),
      GAVEL_DMS_URL: house.dmsUrl,
      GAVEL_ROOT: String(root),
      GAVEL_USERNAME: 'protected-one',
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk;
  });
  child.stdin.end('/allitems\n/bid 1 2.00\n/bid 77 1.00\n/quit\n');
  await soon('the end of the client', new Promise((resolve) => child.once('close', resolve)), 20_000);
  return output;
}

function expectNone(text: string, except: readonly string[] = []): void {
  for (const [name, secret] of secrets) {
    if (except.includes(name)) continue;
    for (const form of formsOf(Buffer.from(secret))) expect(text.includes(form.toString('latin1')), name).toBe(false);
  }
}

describe('no secret', () => {
  it('is in the log of the DMS', () => {
    expect(dms.log).toContain('lots closed');
    expect(dms.log).toContain('listening');
    expectNone(dms.log);
  });

  it('is in the log of the Trusted Service, in its most talkative setting', () => {
    const log = house.log.join('');
    for (const event of ['clock-refused', 'clock-moved', 'sale-disclosed', 'certificate-issued'])
      expect(log).toContain(event);
    expectNone(log);
    expect(log).not.toContain('protected-one');
  });

  it('is in what the client prints', () => {
    expect(client.stdout).toContain('"lot');
    expectNone(client.stdout + client.stderr);
    expect(client.stdout + client.stderr).not.toContain('PRIVATE KEY');
  });

  it('of a protected home is in its files: neither the passphrase nor a key', () => {
    const files = filesIn(join(house.home, 'protected'));
    expect(files).not.toEqual([]);
    expect(filesWith(files, PASSPHRASE)).toEqual([]);
    expect(filesWith(files, '"secretKey"')).toEqual([]);
    expect(filesWith(files, '"privateKey"')).toEqual([]);
  });

  it('would stay unfound by this search if it were there', () => {
    for (const [name, secret] of secrets) {
      const text = `{"msg":"${Buffer.from(secret).toString('base64url')}"}`;
      expect(() => expectNone(text), name).toThrow();
    }
  });
});
