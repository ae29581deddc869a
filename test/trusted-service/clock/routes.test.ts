import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStamp } from '../../../shared/timestamp/timestamp-token.ts';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import { refusalOf } from '../../support/refusal.ts';
import { someImprints } from '../../support/stamp.ts';
import { AS_OPERATOR, OPERATOR_TOKEN, TestService } from '../test-service.ts';

const HOUR_MS = 3_600_000;
const ROUTES = [
  ['POST', PATHS.setTime],
  ['POST', PATHS.resetTime],
  ['POST', PATHS.resetTimeAlias],
  ['GET', PATHS.clock],
] as const;

const stamp = async (service: TestService) => readStamp(await service.client.timestamp(someImprints(1)[0]!));

describe('the simulated clock', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  });
  afterAll(() => service.stop());

  it('is set, runs on, and is reset, each time with a new epoch that tokens carry', async () => {
    const { machine, client } = service;
    const before = await client.clock();
    expect(before).toMatchObject({ clock: 'simulated', time: machine.time, offsetMs: 0 });
    const set = await client.setTime(machine.time + HOUR_MS);
    expect(set).toEqual({
      clock: 'simulated',
      epoch: before.epoch + 1,
      time: machine.time + HOUR_MS,
      offsetMs: HOUR_MS,
    });
    machine.time += 1_000;
    expect((await client.clock()).time).toBe(machine.time + HOUR_MS);
    const stamped = await stamp(service);
    expect(stamped).toMatchObject({ at: machine.time + HOUR_MS, epoch: set.epoch, clock: 'simulated' });
    const reset = await client.resetTime();
    expect(reset).toEqual({ clock: 'simulated', epoch: set.epoch + 1, time: machine.time, offsetMs: 0 });
    const after = await stamp(service);
    expect(after).toMatchObject({ at: machine.time, epoch: reset.epoch });
    expect(after.serial).toBeGreaterThan(stamped.serial);
  });

  it('goes back as well as ahead, and to the ends of time, where nothing is stamped', async () => {
    const { client, machine } = service;
    for (const time of [machine.time - HOUR_MS / 2, machine.time + 300 * 24 * HOUR_MS]) {
      expect((await client.setTime(time)).time).toBe(time);
      machine.time += 10;
      expect((await stamp(service)).at).toBe(time + 10);
    }
    for (const time of [0, 1, Date.UTC(1999, 11, 31), 253_402_300_799_999]) {
      expect((await client.setTime(time)).time).toBe(time);
      machine.time += 10;
      expect(await refusalOf(stamp(service))).toBe('clock-out-of-certificates');
      expect((await client.clock()).time).toBe(Math.min(time + 10, 253_402_300_799_999));
    }
    await client.resetTime();
  });

  it('is reset by the alias too', async () => {
    await service.client.setTime(5_000);
    const { status, text } = await service.post(PATHS.resetTimeAlias, {}, AS_OPERATOR);
    expect(status).toBe(200);
    expect(JSON.parse(text).offsetMs).toBe(0);
  });

  it('keeps its offset, not its epoch, across a restart', async () => {
    const set = await service.client.setTime(service.machine.time + HOUR_MS);
    await service.restart();
    const after = await service.client.clock();
    expect(after).toEqual({ ...set, epoch: set.epoch + 1 });
    await service.client.resetTime();
  });

  it.each(ROUTES)('refuses %s %s without the right token, and logs it', async (method, path) => {
    const { time } = await service.client.clock();
    for (const headers of [{}, { authorization: 'Bearer nearly-the-operator' }, { authorization: OPERATOR_TOKEN }]) {
      service.log.length = 0;
      const body = JSON.stringify({ time: 0 });
      const {
        status,
        code,
        headers: sent,
      } = await service.raw(path, {
        method,
        headers: { 'content-type': 'application/json', ...headers } as Record<string, string>,
        ...(method === 'POST' ? { body } : {}),
      });
      expect([status, code]).toEqual([401, 'operator-token-required']);
      expect(sent['www-authenticate']).toBe('Bearer');
      expect(service.log.join('')).toContain('clock-refused');
    }
    expect((await service.client.clock()).time).toBe(time);
  });

  it('logs that it was moved, and never the token', async () => {
    service.log.length = 0;
    await service.client.setTime(service.machine.time + 1);
    await service.client.resetTime();
    const log = service.log.join('');
    expect(log.match(/clock-moved/g)).toHaveLength(2);
    expect(log).not.toContain(OPERATOR_TOKEN);
  });

  it.each([
    {},
    { time: -1 },
    { time: 1.5 },
    { time: '5' },
    { time: 1e21 },
    { time: 253_402_300_800_000 },
    { time: 1, x: 1 },
    [[]],
  ])('is not set by %j', async (body) => {
    expect((await service.post(PATHS.setTime, body, AS_OPERATOR)).code).toBe('malformed');
  });
});

describe('a real clock', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start({ clock: 'real' });
  });
  afterAll(() => service.stop());

  it.each(ROUTES)('refuses %s %s even to the operator', async (method, path) => {
    service.log.length = 0;
    const sent = method === 'POST' ? { body: '{"time":0}' } : {};
    const headers = { 'content-type': 'application/json', ...AS_OPERATOR };
    const { status, code } = await service.raw(path, { method, headers, ...sent });
    expect([status, code]).toEqual([403, 'clock-not-simulated']);
    expect(service.log.join('')).toContain('clock-refused');
    expect((await service.post(PATHS.setTime, { time: 0 })).code).toBe('operator-token-required');
  });

  it('goes by the machine, whatever offset a simulated run has left behind', async () => {
    await service.restart({ clock: 'simulated' });
    await service.client.setTime(0);
    await service.restart({ clock: 'real' });
    expect(await stamp(service)).toMatchObject({ at: service.machine.time, clock: 'real' });
  });
});
