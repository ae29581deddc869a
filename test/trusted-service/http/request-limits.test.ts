import { afterEach, describe, expect, it } from 'vitest';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import { RequestLimits } from '../../../trusted-service/http/request-limits.ts';
import { TestMachine, TestService } from '../test-service.ts';

const services: TestService[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.stop();
});
async function start(settings: Record<string, unknown>): Promise<TestService> {
  const service = await TestService.start(settings);
  services.push(service);
  return service;
}

describe('the limits of an address', () => {
  const limits = (timestamps = 3, requests = 2) => {
    const clock = new TestMachine(0);
    return { clock, limits: new RequestLimits({ quotas: { timestamps, requests }, clock }) };
  };

  it('let as many through in a minute as they say, and count kinds apart', () => {
    const { clock, limits: those } = limits();
    const passes = (name: 'timestamps' | 'requests') => those.take(name, '192.0.2.1').refusal === undefined;
    expect([passes('requests'), passes('requests'), passes('requests')]).toEqual([true, true, false]);
    expect(passes('timestamps')).toBe(true);
    clock.time = 59_999;
    expect(passes('requests')).toBe(false);
    clock.time = 60_000;
    expect(passes('requests')).toBe(true);
  });

  it('tell what is left and when there is more, as the draft of the RateLimit fields says', () => {
    const { clock, limits: those } = limits();
    const take = () => those.take('timestamps', '192.0.2.1');
    expect(take()).toEqual({
      headers: { 'RateLimit-Policy': '"timestamps";q=3;w=60', RateLimit: '"timestamps";r=2;t=60' },
    });
    clock.time = 20_500;
    expect(take().headers['RateLimit']).toBe('"timestamps";r=1;t=40');
    expect(take().headers['RateLimit']).toBe('"timestamps";r=0;t=40');
    const { headers, refusal } = take();
    expect(headers['RateLimit']).toBe('"timestamps";r=0;t=40');
    expect(refusal).toMatchObject({ code: 'too-many-requests', retryAfterMs: 39_500 });
  });

  it('are those of an IPv6 network, and of each IPv4 address', () => {
    const { limits: those } = limits(1, 1);
    const passes = (address?: string) => those.take('requests', address).refusal === undefined;
    expect([passes('2001:db8:0:1::1'), passes('2001:db8:0:1:ffff::2'), passes('2001:db8:0:2::1')]).toEqual([
      true,
      false,
      true,
    ]);
    expect([passes('192.0.2.1'), passes('::ffff:192.0.2.1'), passes('192.0.2.2')]).toEqual([true, false, true]);
    expect([passes(), passes('nonsense')]).toEqual([true, false]);
  });

  it('forget the oldest of very many addresses, and nobody before', () => {
    const { limits: those } = limits(1, 1);
    const take = (n: number) =>
      those.take('requests', `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`).refusal === undefined;
    for (let n = 0; n < 20_000; n++) take(n);
    expect(take(0)).toBe(false);
    take(20_000);
    expect([take(1), take(0)]).toEqual([false, true]);
  });
});

describe('a service', () => {
  const imprint = 'A'.repeat(43);

  it('tells every caller what is left, also in a refusal', async () => {
    const service = await start({});
    const policy = async (path: string) => (await service.raw(path)).headers['ratelimit-policy'];
    expect(await policy(PATHS.root)).toBe('"requests";q=60000;w=60');
    expect(await policy('/nowhere')).toBe('"requests";q=60000;w=60');
    expect(await policy(PATHS.timestamp)).toBe('"timestamps";q=300000;w=60');
    const { headers } = await service.post(PATHS.timestamp, { imprint });
    expect(headers['ratelimit']).toBe('"timestamps";r=299998;t=60');
  });

  it('refuses the next one with 429 and the time to wait, and serves other kinds and other addresses on', async () => {
    const service = await start({ timestampsPerAddress: 2, requestsPerAddress: 3, proxies: '127.0.0.1' });
    const from = (address: string) => ({ 'x-forwarded-for': address });
    const stamp = (address: string) => service.post(PATHS.timestamp, { imprint }, from(address));
    expect((await stamp('192.0.2.1')).status).toBe(200);
    service.machine.time += 10_000;
    expect((await stamp('192.0.2.1')).status).toBe(200);
    const { status, code, headers } = await stamp('192.0.2.1');
    expect([status, code]).toEqual([429, 'too-many-requests']);
    expect([headers['retry-after'], headers['ratelimit']]).toEqual(['50', '"timestamps";r=0;t=50']);
    expect((await stamp('192.0.2.2')).status).toBe(200);
    expect((await service.raw(PATHS.root, { headers: from('192.0.2.1') })).status).toBe(200);
    service.machine.time += 50_000;
    expect((await stamp('192.0.2.1')).status).toBe(200);
  });

  it('counts both kinds of timestamp together, each request once', async () => {
    const service = await start({ timestampsPerAddress: 2 });
    const rfc3161 = { method: 'POST', headers: { 'content-type': 'application/timestamp-query' }, body: 'x' };
    expect((await service.raw(PATHS.timestamp, rfc3161)).headers['ratelimit']).toBe('"timestamps";r=1;t=60');
    expect((await service.post(PATHS.timestamp, { imprint })).headers['ratelimit']).toBe('"timestamps";r=0;t=60');
    expect((await service.raw(PATHS.timestamp, rfc3161)).status).toBe(429);
  });

  it('does not believe a stranger who names another address', async () => {
    const service = await start({ requestsPerAddress: 1 });
    const headers = { 'x-forwarded-for': '192.0.2.1' };
    expect((await service.raw(PATHS.root)).status).toBe(200);
    expect((await service.raw(PATHS.root, { headers })).status).toBe(429);
  });
});
