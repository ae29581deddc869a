import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import { STORE_FILE } from '../../../trusted-service/store/store.ts';
import { until } from '../../support/until.ts';
import { readMetrics } from '../metrics/read-metrics.ts';
import { AS_OPERATOR, TestService } from '../test-service.ts';
import { logged, readinessOf, requestsThatSign } from './requests-that-sign.ts';

const services: TestService[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});

/** What needs no write: serials are reserved ahead. */
const WITHOUT_A_WRITE = ['a timestamp', 'the signed time', 'an RFC 3161 timestamp'];

/** Everything that is in the store, but for the numbers that may be skipped. */
function contentOf(service: TestService): string {
  const database = new DatabaseSync(`${service.home}/trusted-service/${STORE_FILE}`, { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
  const content = tables
    .map(({ name }) => String(name))
    .filter((name) => name !== 'numbers')
    .map((name) => [name, database.prepare(`SELECT * FROM ${name}`).all()]);
  database.close();
  return JSON.stringify(content, (_key, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  );
}

describe('a state that can’t be written', () => {
  it('lets nothing be half done, is told once, and is over as soon as it can be written again', async () => {
    const service = await TestService.start();
    services.push(service);
    const { all } = await requestsThatSign(service);
    await service.raw(PATHS.crl);
    const before = contentOf(service);
    const other = new DatabaseSync(`${service.home}/trusted-service/${STORE_FILE}`);
    other.exec('BEGIN IMMEDIATE');
    for (const [what, send] of Object.entries(all)) {
      const { status, code, headers, text } = await send();
      if (WITHOUT_A_WRITE.includes(what)) {
        expect(status, what).toBe(200);
        continue;
      }
      expect([status, code], what).toEqual([503, 'state-unwritable']);
      expect(headers['retry-after'], what).toBeDefined();
      expect(text).not.toMatch(/locked|sqlite/i);
    }
    for (const path of [PATHS.resetTime, PATHS.setTime]) {
      expect((await service.post(path, { time: 1 }, AS_OPERATOR)).code, path).toBe('state-unwritable');
    }
    expect(contentOf(service)).toBe(before);
    expect(await readinessOf(service)).toMatchObject({ status: 503, reasons: ['state-unwritable'] });
    other.exec('ROLLBACK');
    other.close();
    // Without any request that writes: the watch tries.
    await until('the service is ready', async () => (await readinessOf(service)).status === 200);
    for (const [what, send] of Object.entries(all)) expect((await send()).status, what).toBeLessThan(300);
    const value = readMetrics((await service.raw(PATHS.metrics, { headers: AS_OPERATOR })).text);
    expect(value('gavel_stops_total', { code: 'state-unwritable' })).toBe(1);
    expect([logged(service, 'stopped', 'state-unwritable'), logged(service, 'recovered', 'state-unwritable')]).toEqual([
      1, 1,
    ]);
  });
});
