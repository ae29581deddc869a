import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import { Metrics } from '../../../trusted-service/metrics/metrics.ts';
import { someImprints } from '../../support/stamp.ts';
import { TestParticipant } from '../test-participant.ts';
import { AS_OPERATOR, TestService } from '../test-service.ts';
import { readMetrics } from './read-metrics.ts';

const services: TestService[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});
async function start(settings: Record<string, unknown> = {}): Promise<TestService> {
  const service = await TestService.start(settings);
  services.push(service);
  return service;
}

async function metricsOf(service: TestService, headers: Record<string, string> = AS_OPERATOR) {
  const { status, text } = await service.raw(PATHS.metrics, { headers });
  expect(status).toBe(200);
  return readMetrics(text);
}

describe('what is counted', () => {
  it('is what was done', async () => {
    const service = await start();
    const jane = await TestParticipant.enrolled(service, 'jane');
    await service.client.issue({ certificate: jane.certificate, proof: await jane.proof() });
    for (const imprint of someImprints(3)) await service.client.timestamp(imprint);
    await service.client.revoke({ serial: jane.serial, reason: 'keyCompromise' });
    await service.client.revoke({ serial: jane.serial, reason: 'keyCompromise' });
    await service.post(PATHS.invites, { count: 5 }, AS_OPERATOR);
    const value = await metricsOf(service);
    expect(value('gavel_enrolments_total')).toBe(1);
    expect(value('gavel_certificates_issued_total', { profile: 'participant' })).toBe(1);
    expect(value('gavel_access_tokens_issued_total')).toBe(1);
    expect(value('gavel_timestamps_issued_total', { form: 'json' })).toBe(3);
    expect(value('gavel_timestamps_issued_total', { form: 'rfc3161' })).toBe(0);
    expect(value('gavel_signatures_total', { key: 'timestamp-signer' })).toBe(3);
    expect(value('gavel_signatures_total', { key: 'token-signer' })).toBe(1);
    // A second time it changes nothing, and is not counted.
    expect(value('gavel_certificates_revoked_total', { reason: 'keyCompromise' })).toBe(1);
    expect(value('gavel_invites_made_total')).toBe(5);
    expect(value('gavel_ready')).toBe(1);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(value('nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0);
  });

  it('goes on with the keys that took over', async () => {
    const service = await start();
    const jane = await TestParticipant.enrolled(service, 'jane');
    const signatures = async () => {
      const value = await metricsOf(service);
      const keys = ['token-signer', 'timestamp-signer', 'issuing-ca'] as const;
      return keys.map((key) => value('gavel_signatures_total', { key }));
    };
    // Certificates are issued anew under an issuing CA that took over: it comes first, so that this is over.
    for (const role of ['issuing-ca', 'token-signer', 'timestamp-signer'] as const) {
      await service.client.rotate({ role, now: true });
    }
    const [tokens = 0, stamps = 0, certificates = 0] = await signatures();
    await service.client.issue({ certificate: jane.certificate, proof: await jane.proof() });
    for (const imprint of someImprints(2)) await service.client.timestamp(imprint);
    await TestParticipant.enrolled(service, 'joe');
    expect(await signatures()).toEqual([tokens + 1, stamps + 2, certificates + 1]);
  });

  it('is fewer signatures than timestamps where many ask at once', async () => {
    const service = await start();
    await Promise.all(someImprints(200).map((imprint) => service.client.timestamp(imprint)));
    const value = await metricsOf(service);
    expect(value('gavel_timestamps_issued_total', { form: 'json' })).toBe(200);
    expect(value('gavel_signatures_total', { key: 'timestamp-signer' })).toBeLessThan(200);
  });

  it('are RFC 3161 replies that were granted, and each answer and refusal by its route', async () => {
    const service = await start();
    const headers = { 'content-type': 'application/timestamp-query' };
    await service.raw(PATHS.timestamp, { method: 'POST', headers, body: query() });
    await service.raw(PATHS.timestamp, { method: 'POST', headers, body: 'no query' });
    await service.post(PATHS.timestamp, { imprint: 'short' });
    await service.raw('/somewhere/with/a-name-of-somebody');
    await service.raw('/', { method: 'PROPFIND' });
    const value = await metricsOf(service);
    expect(value('gavel_timestamps_issued_total', { form: 'rfc3161' })).toBe(1);
    const count = (route: string, method: string, status: string) =>
      value('gavel_http_request_duration_seconds_count', { route, method, status });
    expect(count('/api/timestamp', 'POST', '200')).toBe(2);
    expect(count('/api/timestamp', 'POST', '400')).toBe(1);
    expect(count('other', 'GET', '404')).toBe(1);
    expect(count('other', 'other', '404')).toBe(1);
    expect(value('gavel_refusals_total', { route: '/api/timestamp', code: 'malformed' })).toBe(2);
    expect(value('gavel_refusals_total', { route: 'other', code: 'not-found' })).toBe(2);
  });

  it('names nobody, and has labels of few values', async () => {
    const service = await start();
    const jane = await TestParticipant.enrolled(service, 'jane-of-the-metrics', 'jane@mail.example');
    for (let n = 0; n < 50; n++) await service.raw(`/guess/${n}`, { method: 'GET' });
    const { text } = await service.raw(PATHS.metrics, { headers: AS_OPERATOR });
    for (const personal of ['jane', 'guess', '127.0.0.1', jane.serial]) expect(text).not.toContain(personal);
    const labels = new Set(
      Array.from(text.matchAll(/^gavel_\w+\{([^}]*)\}/gm), ([, all = '']) => all).flatMap(namesIn),
    );
    expect([...labels].sort()).toEqual(['code', 'form', 'key', 'le', 'method', 'profile', 'route', 'status']);
  });

  it('is not what another service in the same process counts', async () => {
    const [one, other] = [await start(), await start()];
    await one.client.timestamp(someImprints(1)[0]!);
    expect((await metricsOf(other))('gavel_timestamps_issued_total', { form: 'json' })).toBe(0);
  });

  it('says that the service is not ready', async () => {
    const service = await start();
    await service.client.setTime(0);
    expect((await metricsOf(service))('gavel_ready')).toBe(0);
    await service.client.resetTime();
    expect((await metricsOf(service))('gavel_ready')).toBe(1);
  });

  it('has a count of stops, for who stops', async () => {
    const metrics = new Metrics();
    metrics.stopped('clock-out-of-certificates');
    metrics.stopped('clock-out-of-certificates');
    expect(readMetrics(await metrics.text())('gavel_stops_total', { code: 'clock-out-of-certificates' })).toBe(2);
  });
});

describe('/metrics', () => {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  it('is for who has the metrics token, made at the first start and kept, and that token is for nothing else', async () => {
    const service = await start();
    const file = join(service.home, 'trusted-service', 'metrics-token');
    const token = readFileSync(file, 'utf8').trim();
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { status, code, headers } = await service.raw(PATHS.metrics);
    expect([status, code]).toEqual([401, 'operator-token-required']);
    expect(headers['www-authenticate']).toBe('Bearer');
    await metricsOf(service, bearer(token));
    expect((await service.post(PATHS.invites, {}, bearer(token))).code).toBe('operator-token-required');
    expect((await service.raw(PATHS.clock, { headers: bearer(token) })).code).toBe('operator-token-required');
    await service.restart();
    await metricsOf(service, bearer(token));
  });

  it('has the media type of the text format', async () => {
    const service = await start();
    const { headers } = await service.raw(PATHS.metrics, { headers: AS_OPERATOR });
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(headers['cache-control']).toBe('no-store');
  });

  it('is for everybody where the operator says so', async () => {
    const service = await start({ metrics: 'open' });
    expect((await metricsOf(service, {}))('gavel_ready')).toBe(1);
  });
});

/** A TimeStampReq of version 1 over a SHA-256 digest. */
function query(): Uint8Array {
  return Buffer.from(`30360201013031300d060960864801650304020105000420${'ab'.repeat(32)}`, 'hex');
}

function namesIn(labels: string): string[] {
  return Array.from(labels.matchAll(/(\w+)="/g), ([, name = '']) => name);
}
