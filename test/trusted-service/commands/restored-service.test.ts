/** A backup under load of a real process, which is then killed; put back elsewhere, everything that it ever signed verifies. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { TrustedServiceClient } from '../../../shared/http-client.ts';
import { verifyAccessToken } from '../../../shared/pki/access-token.ts';
import { verifyRevocationList } from '../../../shared/pki/revocation-list.ts';
import { verifyKeySet } from '../../../shared/pki/trust-anchors.ts';
import { parseCertificate, verifyCertificate, verifyRoot } from '../../../shared/pki/verify-certificate.ts';
import { buildCertificationRequest } from '../../../shared/pki/x509-builder.ts';
import { TimestampVerifier } from '../../../shared/timestamp/verify-timestamp.ts';
import type { TimestampToken } from '../../../shared/wire/timestamp-token.ts';
import type { Digest } from '../../../shared/wire/vocabulary.ts';
import { runAudit } from '../../../trusted-service/commands/audit.ts';
import { runBackup } from '../../../trusted-service/commands/backup.ts';
import { runRestore } from '../../../trusted-service/commands/restore.ts';
import { HandParticipant } from '../../support/hand-participant.ts';
import { refusalOf } from '../../support/refusal.ts';
import { someImprints } from '../../support/stamp.ts';
import { testFolder } from '../test-folder.ts';
import { runCommand } from './command-run.ts';

const at = testFolder();
const operatorToken = 'the-operator-of-this-test';
/** The load enrols as many as the machine can, which the house's own limits would end. */
const CROWDED = { GAVEL_ENROLMENTS_PER_ADDRESS: '100000', GAVEL_ENROLMENTS_PER_HOUR: '100000' };
const PASSPHRASE = { GAVEL_BACKUP_PASSPHRASE: 'correct horse battery staple' };
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** The program, as a process of its own. */
async function start(home: string) {
  const script = fileURLToPath(new URL('../run-main.ts', import.meta.url));
  const settings = { GAVEL_HOME: home, GAVEL_TRUSTED_SERVICE_PORT: '0', GAVEL_OPERATOR_TOKEN: operatorToken };
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, ...settings, ...CROWDED },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
  const { listening, rootFile } = JSON.parse(line);
  const root = verifyRoot(readFileSync(rootFile, 'utf8'));
  const client = new TrustedServiceClient({ baseUrl: listening, root, operatorToken });
  const known = { client, authority: `sha256:${root.sha256}`, now: () => Date.now() };
  return { child, client, root, known, exit: once(child, 'exit') };
}

const headOf = (lines: readonly string[]): string => JSON.parse(lines.at(-1)!).head;
const audit = (home: string, expectHead?: string) =>
  runCommand((io) => runAudit({ home, ...(expectHead === undefined ? {} : { expectHead }) }, io));
const csrOf = ({ keys, agreement }: HandParticipant) => buildCertificationRequest(keys, agreement.publicKey);

async function listOf(client: TrustedServiceClient): Promise<Uint8Array> {
  const list = await client.revocationList();
  if (list === 'unchanged') throw new Error('asked without a tag');
  return list.der;
}

interface Stamped {
  readonly imprint: Digest;
  readonly token: TimestampToken;
}

/** Stamps and enrols people, until it is told to stop or nobody answers. */
function underLoad({ client, known }: Awaited<ReturnType<typeof start>>) {
  const stamped: Stamped[] = [];
  let isOver = false;
  const stampOn = async (imprint: Digest) => {
    while (!isOver) stamped.push({ imprint, token: await client.timestamp(imprint) });
  };
  const enrolOn = async () => {
    while (!isOver) await HandParticipant.enrolled(known, { username: `load-${randomUUID().slice(0, 8)}` });
  };
  // What is cut off, or comes too often, has no answer: the others go on.
  const work = Promise.allSettled([...someImprints(10).map(stampOn), enrolOn()]);
  const over = async () => {
    isOver = true;
    await work;
  };
  return { stamped, over };
}

it('goes on after kill -9 from a backup made under load, elsewhere, as if nothing had repeated', async () => {
  const [old, now] = [at('old'), at('new')];
  const service = await start(old);
  const { client, known, root } = service;
  const people = ['ann', 'mallory', 'oscar'].map((username) => HandParticipant.enrolled(known, { username }));
  const [ann, mallory, oscar] = await Promise.all(people);
  await client.revoke({ serial: mallory!.parsed.serialHex, reason: 'keyCompromise' });
  const token = await ann!.token();
  const expectHead = headOf((await audit(old)).lines);

  const load = underLoad(service);
  await client.timestamp(someImprints(1)[0]!);
  const backup = await runCommand((io) => runBackup({ home: old, out: at('backup') }, io), PASSPHRASE);
  expect([backup.exitCode, load.stamped.length > 0]).toEqual([0, true]);
  // What the backup can't know.
  const late = await HandParticipant.enrolled(known, { username: 'late' });
  for (const { parsed } of [oscar!, late]) await client.revoke({ serial: parsed.serialHex, reason: 'superseded' });
  const published = await listOf(client);
  writeFileSync(at('crl'), published);
  service.child.kill('SIGKILL');
  await service.exit;
  await load.over();
  await client.close();
  // Two more lives of the old state: epochs and blocks of serials that begin after the backup.
  for (const imprint of someImprints(2)) {
    const life = await start(old);
    load.stamped.push({ imprint, token: await life.client.timestamp(imprint) });
    life.child.kill('SIGKILL');
    await life.exit;
    await life.client.close();
  }

  const from = { from: at('backup'), home: now, crl: [at('crl')] };
  const restored = await runCommand((io) => runRestore(from, io), PASSPHRASE);
  expect([restored.exitCode, restored.stderr]).toEqual([0, expect.stringContaining('1 keys of the list')]);
  expect(JSON.parse(restored.stdout)).toMatchObject({ revokedKeys: 1, unknownRevoked: 1 });
  const whole = await audit(now, expectHead);
  expect([whole.exitCode, whole.stderr, JSON.parse(whole.lines.at(-2)!).type]).toEqual([0, '', 'state-restored']);

  const again = await start(now);
  const time = Date.now();
  // It is the same authority, and all that it signed before holds.
  expect(again.root.sha256).toBe(root.sha256);
  const keys = verifyKeySet(await again.client.keySet(), again.root, time);
  const issuer = keys.issuers[0]!;
  verifyCertificate(ann!.parsed, 'participant', { root, issuer, at: time });
  await verifyAccessToken(token, { keys: keys.token, authority: known.authority, at: time, certificate: ann!.parsed });
  const verifier = new TimestampVerifier(() => keys.timestamp, known.authority, 'real');
  const before = await Promise.all(load.stamped.map(({ token, imprint }) => verifier.verify(token, imprint)));
  const [imprint] = someImprints(1);
  const after = await verifier.verify(await again.client.timestamp(imprint!), imprint!);
  expect(after.serial).toBeGreaterThan(Math.max(...before.map(({ serial }) => serial)));
  expect(after.epoch).toBeGreaterThan(Math.max(...before.map(({ epoch }) => epoch)));
  expect(after.at).toBeGreaterThanOrEqual(Math.max(...before.map(({ at }) => at)));

  // Who was known is known; who was revoked is revoked, before the backup or after it.
  const renewed = await again.client.signCsr({ csr: await csrOf(ann!), username: 'ann' });
  verifyCertificate(parseCertificate(renewed.certificate), 'participant', { root, issuer, at: time });
  for (const out of [mallory!, oscar!]) {
    expect(await refusalOf(again.client.signCsr({ csr: await csrOf(out), username: 'anybody' }))).toBe('key-revoked');
  }
  const [then, today] = [published, await listOf(again.client)].map((der) => verifyRevocationList(der, issuer, time));
  expect(today!.number).toBeGreaterThan(then!.number);
  expect(new Map([...today!.revoked].toSorted())).toEqual(new Map([...then!.revoked].toSorted()));
  expect([...today!.revoked.keys()]).toContain(late.parsed.serialHex);
  await again.client.close();
  const later = await audit(now, expectHead);
  expect([later.exitCode, later.stderr]).toEqual([0, '']);
});

it('a restore that is killed at any moment has put everything in place, or nothing', async () => {
  const service = await start(at('source'));
  await service.client.close();
  const out = at('small');
  expect((await runCommand((io) => runBackup({ home: at('source'), out, plain: true }, io))).exitCode).toBe(0);
  const gavel = fileURLToPath(new URL('../../../gavel.ts', import.meta.url));
  const keysIn = (home: string) => readdirSync(`${home}/trusted-service/keys`).toSorted();
  const outcomes: string[] = [];
  for (let round = 0; round < 8; round++) {
    const home = at(`round-${round}`);
    mkdirSync(home);
    const child = spawn(process.execPath, [gavel, 'restore', '--from', out, '--home', home], { stdio: 'ignore' });
    children.push(child);
    const exit = once(child, 'exit');
    // At the first sign of its work, and a little later in each round. The last is not killed.
    while (readdirSync(home).length === 0 && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    for (let turn = 0; turn < round * 40; turn++) await new Promise((resolve) => setImmediate(resolve));
    if (round < 7) child.kill('SIGKILL');
    await exit;
    const isThere = existsSync(`${home}/trusted-service`);
    outcomes.push(isThere ? 'all' : 'nothing');
    if (!isThere) continue;
    const { exitCode, lines } = await audit(home);
    expect([exitCode, JSON.parse(lines.at(-2)!).type]).toEqual([0, 'state-restored']);
    expect(keysIn(home)).toEqual(keysIn(at('source')));
  }
  expect([outcomes[0], outcomes.at(-1)]).toEqual(['nothing', 'all']);
});
