import { existsSync, readdirSync, renameSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyKeySet } from '../../../shared/pki/trust-anchors.ts';
import type { KeyState, RotationRole, RotationState } from '../../../shared/wire/key-rotation.ts';
import { refusalOf } from '../../support/refusal.ts';
import { until } from '../../support/until.ts';
import { TestParticipant } from '../test-participant.ts';
import { TestService } from '../test-service.ts';

const DAY_MS = 24 * 3_600_000;
const PUBLICATION_MS = 10 * 60_000;

let service: TestService;
beforeEach(async () => {
  service = await TestService.start();
});
afterEach(() => service.stop());

const keysIn = ({ roles }: RotationState, role: RotationRole) => roles.find((each) => each.role === role)!.keys;
const statesOf = async (role: RotationRole): Promise<KeyState[]> =>
  keysIn(await service.client.rotation(), role).map(({ state }) => state);
const nothing = ['current'];

/** Lets both clocks go on by this much, and the rotation see it. */
async function pass(ms: number): Promise<void> {
  service.machine.time += ms;
  await service.maintain();
}

const privateKeys = () =>
  readdirSync(`${service.home}/trusted-service/keys`)
    .filter((name) => name.endsWith('.key'))
    .toSorted();

async function isAlive(): Promise<void> {
  expect((await service.raw('/readyz')).status).toBe(200);
  const at = (await service.client.clock()).time;
  const { token, timestamp } = verifyKeySet(await service.client.keySet(), service.root, at);
  expect(token.size * timestamp.size).toBeGreaterThan(0);
  await TestParticipant.enrolled(service, `visitor-${at}`);
}

describe('the schedule', () => {
  it('has the token signer published, then used, then kept, then gone', async () => {
    await pass(30 * DAY_MS - 1);
    expect(await statesOf('token-signer')).toEqual(nothing);
    await pass(1);
    expect(await statesOf('token-signer')).toEqual(['current', 'next']);
    const [current, next] = keysIn(await service.client.rotation(), 'token-signer');
    const kids = (await service.client.keySet()).keys.map(({ kid }) => kid);
    expect(kids).toEqual(expect.arrayContaining([current!.kid, next!.kid]));
    await pass(PUBLICATION_MS - 1);
    expect(await statesOf('token-signer')).toEqual(['current', 'next']);
    expect(privateKeys()).toContain('token-signer.key');
    await pass(1);
    expect(await statesOf('token-signer')).toEqual(['last', 'current']);
    // Forward secrecy of the authority: what signs no more can't be stolen.
    expect(privateKeys()).not.toContain('token-signer.key');
    expect(privateKeys()).toContain('token-signer-2.key');
    await pass(20 * 60_000 - 1);
    expect(await statesOf('token-signer')).toEqual(['last', 'current']);
    await pass(1);
    expect(await statesOf('token-signer')).toEqual(nothing);
    expect(await statesOf('timestamp-signer')).toEqual(nothing);
    expect((await service.client.keyArchive()).certificates.map(({ kid }) => kid)).toContain(current!.kid);
    await isAlive();
  });

  it('rotates each key in its time, for two years', async () => {
    const seen = new Map<RotationRole, Set<string>>();
    for (let week = 0; week < 104; week++) {
      await pass(7 * DAY_MS);
      await pass(PUBLICATION_MS);
      for (const { role, keys } of (await service.client.rotation()).roles) {
        const kids = seen.get(role) ?? new Set();
        seen.set(role, kids.add(keys.find(({ state }) => state === 'current')!.kid));
      }
    }
    await isAlive();
    const counts = [...seen].map(([role, kids]) => [role, kids.size]);
    expect(counts).toEqual([
      ['token-signer', 21],
      ['timestamp-signer', 5],
      ['issuing-ca', 3],
    ]);
  }, 60_000);

  it('follows a journey of years with one rotation each, at once where nothing else would live', async () => {
    for (const years of [2, 5, 9]) {
      await service.client.setTime(service.machine.time + years * 365 * DAY_MS);
      await isAlive();
      for (let minute = 0; minute < 15; minute++) await pass(60_000);
      for (const role of ['token-signer', 'timestamp-signer', 'issuing-ca'] as const) {
        const states = await statesOf(role);
        expect(states.filter((state) => state === 'current')).toHaveLength(1);
        expect(states.filter((state) => state === 'next')).toHaveLength(0);
      }
      await isAlive();
    }
    const numbers = privateKeys().map((name) => Number(/-(\d+)\.key$/.exec(name)?.[1] ?? 1));
    expect(Math.max(...numbers)).toBe(4);
    await service.client.resetTime();
    await isAlive();
  });

  it('goes on after a restart, and counts the publication anew', async () => {
    await service.client.rotate({ role: 'timestamp-signer' });
    await pass(PUBLICATION_MS - 1);
    await service.restart();
    service.machine.time += 1;
    await service.maintain();
    expect(await statesOf('timestamp-signer')).toEqual(['current', 'next']);
    await pass(PUBLICATION_MS);
    expect(await statesOf('timestamp-signer')).toEqual(['last', 'current']);
    await service.restart();
    expect(await statesOf('timestamp-signer')).toEqual(['last', 'current']);
    await isAlive();
  });
});

describe('without the root key', () => {
  const rootKey = () => `${service.home}/trusted-service/keys/root.key`;

  it('everything goes on but the issuing CA, of whose end it warns once a day', async () => {
    renameSync(rootKey(), `${service.home}/elsewhere`);
    await service.restart();
    expect((await service.client.rotation()).rootKeyAtHand).toBe(false);
    await pass(300 * DAY_MS);
    await pass(PUBLICATION_MS);
    expect(await statesOf('issuing-ca')).toEqual(nothing);
    expect(await statesOf('token-signer')).toEqual(['last', 'current']);
    const warnings = () => service.log.filter((line) => line.includes('issuing-ca-due'));
    await until('the warning', () => warnings().length === 1);
    expect(JSON.parse(warnings()[0]!)).toMatchObject({ level: 40, daysLeft: 65 });
    await isAlive();
    expect(await refusalOf(service.client.rotate({ role: 'issuing-ca' }))).toBe('root-key-needed');
    // It comes back for once, and the schedule takes it.
    renameSync(`${service.home}/elsewhere`, rootKey());
    await pass(1_000);
    expect(await statesOf('issuing-ca')).toEqual(['current', 'next']);
    expect(existsSync(rootKey())).toBe(true);
  });
});
