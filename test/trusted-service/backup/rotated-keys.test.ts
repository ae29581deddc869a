/** A backup holds the keys as they stand in their turns, and a restore goes on with them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyRevocationList } from '../../../shared/pki/revocation-list.ts';
import { verifyKeySet } from '../../../shared/pki/trust-anchors.ts';
import { type Certificate, parseCertificate } from '../../../shared/pki/verify-certificate.ts';
import { TimestampVerifier } from '../../../shared/timestamp/verify-timestamp.ts';
import { RotationRole as ROLES, type RotationRole } from '../../../shared/wire/key-rotation.ts';
import { type BackupOptions, runBackup } from '../../../trusted-service/commands/backup.ts';
import { type RestoreOptions, runRestore } from '../../../trusted-service/commands/restore.ts';
import { someImprints } from '../../support/stamp.ts';
import { type CommandRun, runCommand } from '../commands/command-run.ts';
import { testFolder } from '../test-folder.ts';
import { TestParticipant } from '../test-participant.ts';
import { TestService } from '../test-service.ts';

const at = testFolder();
const [imprint] = someImprints(1);
const backup = (options: BackupOptions) => runCommand((io) => runBackup(options, io, service.machine));
const restore = (options: RestoreOptions) => runCommand((io) => runRestore(options, io, service.machine));

let service: TestService;
let restored: TestService;
let run: CommandRun;
let [ann, bob] = [] as unknown as [TestParticipant, TestParticipant];
const before = { states: '', keySet: {}, archive: {} };
let [formerCa, presentCa] = [] as unknown as [Certificate, Certificate];
let stamp: Awaited<ReturnType<TestService['client']['timestamp']>>;

/** Two turns of each key, a backup, and after it one revocation under either issuing CA. */
beforeAll(async () => {
  service = await TestService.start();
  ann = await TestParticipant.enrolled(service, 'ann');
  stamp = await service.client.timestamp(imprint!);
  for (const role of ROLES.options) await service.client.rotate({ role, now: true });
  await service.client.rotate({ role: 'token-signer' });
  [formerCa, presentCa] = (await issuersOf(service)) as [Certificate, Certificate];
  const { client } = service;
  Object.assign(before, {
    states: await statesOf(service),
    keySet: await keySetOf(service),
    archive: await client.keyArchive(),
  });
  expect(await backup({ home: service.home, out: at('backup'), plain: true })).toMatchObject({ exitCode: 0 });

  bob = await TestParticipant.enrolled(service, 'bob');
  for (const { serial } of [ann, bob]) await client.revoke({ serial, reason: 'keyCompromise' });
  const crl = await Promise.all([formerCa, presentCa].map((issuer) => keepList(service, issuer)));
  await service.stop();
  run = await restore({ from: at('backup'), home: at('home'), crl });
  restored = await TestService.start({ home: at('home') }, service.machine);
});
afterAll(() => restored.stop());

async function issuersOf({ client }: TestService): Promise<Certificate[]> {
  return ((await client.keySet()).issuers ?? []).map((der) =>
    parseCertificate(`-----BEGIN CERTIFICATE-----\n${der.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`),
  );
}

async function listOf({ client }: TestService, issuer: Certificate): Promise<Uint8Array> {
  const answer = await client.revocationList(undefined, issuer);
  if (answer === 'unchanged') throw new Error('asked without a tag');
  return answer.der;
}

async function keepList(from: TestService, issuer: Certificate): Promise<string> {
  const path = at(`${issuer.sha256}.crl`);
  writeFileSync(path, await listOf(from, issuer));
  return path;
}

/** The order of the keys says nothing. */
async function keySetOf({ client }: TestService) {
  const { keys, issuers } = await client.keySet();
  return { keys: keys.toSorted((one, other) => one.kid.localeCompare(other.kid)), issuers };
}

async function statesOf({ client }: TestService): Promise<string> {
  return JSON.stringify((await client.rotation()).roles);
}

const revokedUnder = async (issuer: Certificate) => [
  ...verifyRevocationList(await listOf(restored, issuer), issuer, restored.machine.time).revoked.keys(),
];

describe('a restored service', () => {
  it('has every key in the place that it had', async () => {
    expect(run.exitCode).toBe(0);
    expect(await statesOf(restored)).toBe(before.states);
    expect(await keySetOf(restored)).toEqual(before.keySet);
    expect(await restored.client.keyArchive()).toEqual(before.archive);
  });

  it('keeps each revocation on the list of the issuing CA that it is of', async () => {
    expect(JSON.parse(run.stdout)).toMatchObject({ revokedKeys: 1, unknownRevoked: 1 });
    expect(await revokedUnder(formerCa)).toEqual([ann.serial]);
    expect(await revokedUnder(presentCa)).toEqual([bob.serial]);
  });

  it('signs with the keys in use, and goes on turning them', async () => {
    const cat = await TestParticipant.enrolled(restored, 'cat');
    await restored.client.issue({ certificate: cat.certificate, proof: await cat.proof() });
    const keys = async () => verifyKeySet(await restored.client.keySet(), restored.root, restored.machine.time);
    const { timestamp } = await keys();
    const verifier = new TimestampVerifier(() => timestamp, restored.authority, 'simulated');
    const { serial } = await verifier.verify(await restored.client.timestamp(imprint!), imprint!);
    expect(serial).toBeGreaterThan(stamp.index);
    restored.machine.time += 10 * 60_000;
    await restored.maintain();
    expect(await keysOf('token-signer')).toEqual(['last', 'current']);
  });

  it('says that keys of the past are back', () => {
    expect(run.stderr).toMatch(/keys/i);
    expect(run.stderr).toMatch(/gavel rotate/);
  });
});

async function keysOf(wanted: RotationRole): Promise<string[]> {
  const { roles } = await restored.client.rotation();
  return roles.find(({ role }) => role === wanted)!.keys.map(({ state }) => state);
}

it('takes no list of an issuing CA that it does not have', async () => {
  const other = await TestService.start({}, service.machine);
  const [issuer] = await issuersOf(other);
  const crl = [await keepList(other, issuer!)];
  await other.stop();
  const refused = await restore({ from: at('backup'), home: join(at('other'), 'home'), crl });
  expect([refused.exitCode, refused.stdout]).toEqual([2, '']);
});
