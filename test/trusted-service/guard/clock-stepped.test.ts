import { afterEach, describe, expect, it } from 'vitest';
import { verifyRevocationList } from '../../../shared/pki/revocation-list.ts';
import { readStamp } from '../../../shared/timestamp/timestamp-token.ts';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import type { Digest, Instant } from '../../../shared/wire/vocabulary.ts';
import { refusalOf } from '../../support/refusal.ts';
import { readMetrics } from '../metrics/read-metrics.ts';
import { AS_OPERATOR, TestMachine, TestService } from '../test-service.ts';
import { statusOf } from '../timestamp-authority/ask-timestamp.ts';
import { logged, readinessOf, requestsThatSign } from './requests-that-sign.ts';

const HOUR_MS = 3_600_000;
const IMPRINT = 'A'.repeat(43) as Digest;

const services: TestService[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});
/** Over real HTTPS: Node judges the certificates by this machine's clock. */
async function start(settings: Record<string, unknown> = {}): Promise<TestService> {
  const service = await TestService.start({ tls: true, ...settings }, new TestMachine(Date.now()));
  services.push(service);
  return service;
}
const metric = async (service: TestService, name: string, labels: Record<string, string>) =>
  readMetrics((await service.raw(PATHS.metrics, { headers: AS_OPERATOR })).text)(name, labels);
const signatures = async (service: TestService) =>
  Promise.all(
    ['token-signer', 'timestamp-signer', 'issuing-ca'].map((key) => metric(service, 'gavel_signatures_total', { key })),
  );
const stamp = async (service: TestService) => readStamp(await service.client.timestamp(IMPRINT));

describe.each([
  ['ahead', HOUR_MS],
  ['back', -HOUR_MS],
])('a service whose clock was set %s under it', (_direction, byMs) => {
  it('signs nothing, says why, once, and goes on when the clock is set right', async () => {
    const service = await start();
    expect(service.url).toMatch(/^https:/);
    const requests = await requestsThatSign(service);
    const list = await service.raw(PATHS.crl);
    const before = await signatures(service);
    const audited = service.log.length;
    service.machine.setByMs += byMs;
    for (const [what, send] of Object.entries(requests.all)) {
      const { status, code, bytes, headers } = await send();
      if (what === 'an RFC 3161 timestamp') {
        expect([status, statusOf(bytes)], what).toEqual([503, { status: 2, failures: ['timeNotAvailable'] }]);
      } else {
        expect([status, code], what).toEqual([503, 'clock-stepped']);
      }
      // Somebody has to look after it: to ask again at once is of no use.
      expect(headers['retry-after'], what).toBeUndefined();
    }
    for (let look = 0; look < 3; look++) {
      expect(await readinessOf(service)).toMatchObject({
        status: 503,
        code: 'clock-stepped',
        reasons: ['clock-stepped'],
      });
    }
    expect((await readinessOf(service)).details[0]).toMatch(
      byMs > 0 ? /^by \+36000\d\d ms$/ : /^by -3(60000|59999)\d ms$/,
    );
    expect((await service.raw(PATHS.health)).status).toBe(200);
    // What was signed before is as true as it was.
    expect((await service.raw(PATHS.crl)).bytes).toEqual(list.bytes);
    expect(await signatures(service)).toEqual(before);
    expect(await metric(service, 'gavel_ready', {})).toBe(0);
    expect(await metric(service, 'gavel_stops_total', { code: 'clock-stepped' })).toBe(1);
    expect([logged(service, 'stopped', 'clock-stepped'), logged(service, 'recovered', 'clock-stepped')]).toEqual([
      1, 0,
    ]);
    expect(service.log.length).toBeGreaterThan(audited);

    service.machine.setByMs -= byMs;
    expect((await readinessOf(service)).status).toBe(200);
    for (const [what, send] of Object.entries(requests.all)) expect((await send()).status, what).toBeLessThan(300);
    expect(await metric(service, 'gavel_ready', {})).toBe(1);
    expect(await metric(service, 'gavel_stops_total', { code: 'clock-stepped' })).toBe(1);
    expect([logged(service, 'stopped', 'clock-stepped'), logged(service, 'recovered', 'clock-stepped')]).toEqual([
      1, 1,
    ]);
  });

  it('goes on in another epoch when the operator has confirmed the time', async () => {
    const service = await start({ clock: 'real' });
    const before = await stamp(service);
    service.machine.setByMs += byMs;
    expect(await refusalOf(stamp(service))).toBe('clock-stepped');
    const wall = service.machine.now() as Instant;
    expect(await refusalOf(service.connect().confirmTime(wall))).toBe('operator-token-required');
    expect(await refusalOf(service.client.confirmTime((wall - byMs) as Instant))).toBe('time-not-confirmed');
    expect(await refusalOf(stamp(service))).toBe('clock-stepped');
    const after = await service.client.confirmTime((wall - 5_000) as Instant);
    expect(after).toMatchObject({ clock: 'real', time: wall, epoch: before.epoch + 1 });
    const next = await stamp(service);
    expect(next).toMatchObject({ at: wall, epoch: after.epoch });
    expect(next.serial).toBeGreaterThan(before.serial);
    expect((await readinessOf(service)).status).toBe(200);
    // A second word changes nothing.
    expect(await service.client.confirmTime(wall)).toEqual(after);
  });
});

it('a start with a clock that is behind what was done before serves, and signs no time until it is confirmed', async () => {
  const service = await start();
  const before = await stamp(service);
  service.machine.setByMs -= HOUR_MS / 2;
  for (let life = 0; life < 2; life++) {
    await service.restart();
    expect(await refusalOf(stamp(service))).toBe('clock-stepped');
    expect((await service.raw(PATHS.crl)).code).toBe('clock-stepped');
    expect((await readinessOf(service)).reasons).toEqual(['clock-stepped']);
  }
  await service.client.confirmTime(service.machine.now() as Instant);
  const after = await stamp(service);
  expect(after.epoch).toBeGreaterThan(before.epoch);
  expect(after.serial).toBeGreaterThan(before.serial);
  expect(after.at).toBeLessThan(before.at);
});

it('the last revocation list stays out while the clock is not believed, unless a revocation is missing in it', async () => {
  const service = await start();
  const { revoked, all, issuer } = await requestsThatSign(service);
  let time: number = (await service.client.clock()).time;
  const published = async () => verifyRevocationList((await service.raw(PATHS.crl)).bytes, issuer, time);
  const { number } = await published();
  service.machine.setByMs += HOUR_MS;
  // Old enough for another one.
  service.machine.time += HOUR_MS / 2;
  time += HOUR_MS / 2;
  expect((await published()).number).toBe(number);
  expect((await all['a revocation']?.())?.code).toBe('clock-stepped');
  expect((await published()).isRevoked(issuer, revoked.serial)).toBe(false);
  service.machine.setByMs -= HOUR_MS;
  await service.client.revoke({ serial: revoked.serial, reason: 'superseded' });
  service.machine.setByMs += HOUR_MS;
  expect((await published()).isRevoked(issuer, revoked.serial)).toBe(true);
});
