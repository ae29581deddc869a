import { afterEach, expect, it } from 'vitest';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import { sha256 } from '../../support/forge-timestamp.ts';
import { Sale } from '../disclosure/sale.ts';
import { readMetrics } from '../metrics/read-metrics.ts';
import { certifiedNode, TestParticipant } from '../test-participant.ts';
import { AS_OPERATOR, TestService } from '../test-service.ts';
import { ask, query, statusOf } from '../timestamp-authority/ask-timestamp.ts';
import { logged, readinessOf } from './requests-that-sign.ts';

const DAY_MS = 24 * 3_600_000;

const services: TestService[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

it('nothing is signed under a signer’s certificate that has ended, until it is renewed', async () => {
  const service = await TestService.start();
  services.push(service);
  const metrics = async () => readMetrics((await service.raw(PATHS.metrics, { headers: AS_OPERATOR })).text);
  const signatures = async () => {
    const value = await metrics();
    return ['token-signer', 'timestamp-signer'].map((key) => value('gavel_signatures_total', { key }));
  };
  const sale = await Sale.prepare(service);
  const evidence = await sale.play();
  // Nothing has renewed them: the whole machine was asleep, its monotonic clock too.
  service.machine.time += 31 * DAY_MS;
  const before = await signatures();
  // The issuing CA still works.
  const jane = await TestParticipant.enrolled(service, 'jane');
  const { time: iat } = await service.client.clock();
  const proof = await jane.proof({ iat });
  const disclosure = await sale.request(evidence, {}, await certifiedNode(service, sale.house));
  const requests = {
    'a timestamp': () => service.post(PATHS.timestamp, { imprint: 'A'.repeat(43) }),
    'the signed time': () => service.raw(`${PATHS.timestamp}?nonce=0123456789abcdef`),
    'an access token': () => service.post(PATHS.issue, { certificate: jane.certificate, proof }),
    'a disclosure': () => service.post(PATHS.disclose, disclosure),
  };
  for (const [what, send] of Object.entries(requests)) {
    const { status, code } = await send();
    expect([status, code], what).toEqual([503, 'signer-expired']);
  }
  const rfc3161 = () => ask(service, query(sha256(Buffer.from('a document'))));
  const refused = await rfc3161();
  expect([refused.status, statusOf(refused.bytes).failures]).toEqual([503, ['timeNotAvailable']]);
  const readiness = await readinessOf(service);
  expect(readiness).toMatchObject({ status: 503, code: 'signer-expired', reasons: ['signer-expired'] });
  expect(readiness.details).toEqual(['token-signer, timestamp-signer, trusted-service-tls']);
  expect(await signatures()).toEqual(before);
  expect((await metrics())('gavel_stops_total', { code: 'signer-expired' })).toBe(1);

  // Whatever makes the service look after its certificates.
  await service.client.setTime(iat);
  expect((await readinessOf(service)).status).toBe(200);
  for (const [what, send] of Object.entries(requests)) expect((await send()).status, what).toBe(200);
  expect((await rfc3161()).status).toBe(200);
  expect([logged(service, 'stopped', 'signer-expired'), logged(service, 'recovered', 'signer-expired')]).toEqual([
    1, 1,
  ]);
});

it('the certificates that count are those of the keys that are in use', async () => {
  const service = await TestService.start();
  services.push(service);
  service.machine.time += 15 * DAY_MS;
  await service.client.rotate({ role: 'timestamp-signer', now: true });
  service.machine.time += 20 * DAY_MS;
  expect((await readinessOf(service)).details).toEqual(['token-signer, trusted-service-tls']);
  expect((await service.post(PATHS.timestamp, { imprint: 'A'.repeat(43) })).status).toBe(200);
  await service.maintain();
  expect((await readinessOf(service)).status).toBe(200);
});
