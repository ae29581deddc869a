import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AboutHouseAnswer } from '../../../shared/wire/about-house.ts';
import { unreachable } from '../../support/house.ts';
import { TEST_HOUSE } from '../../support/test-authority.ts';
import { TestNode } from '../../support/test-node.ts';

let node: TestNode;
beforeEach(async () => {
  node = await TestNode.start();
});
afterEach(() => node.stop());

const get = async (path: string, init: RequestInit = {}) => {
  const reply = await fetch(`${node.url}${path}`, init);
  return { status: reply.status, type: reply.headers.get('content-type'), body: await reply.json() };
};

async function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(node.url);
  const socket = connect(Number(port), hostname);
  socket.write(text);
  const [chunk] = await once(socket, 'data');
  socket.destroy();
  return String(chunk);
}

describe('over plain HTTP', () => {
  it('the node says that it lives and that it is ready', async () => {
    expect(await get('/healthz')).toEqual({ status: 200, type: 'application/json', body: { status: 'ok' } });
    expect(await get('/readyz?verbose')).toMatchObject({ status: 200 });
  });

  it('the node says what it is, and where its Trusted Service is', async () => {
    const { status, body } = await get('/');
    expect(status).toBe(200);
    expect(AboutHouseAnswer.parse(body)).toMatchObject({ house: TEST_HOUSE, authority: node.service.name });
  });

  it('it is not ready without the trusted time', async () => {
    node.service.clock.advance(6 * 60_000);
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      type: 'application/problem+json',
      body: { code: 'trusted-time-unavailable' },
    });
    expect((await get('/healthz')).status).toBe(200);
  });

  it('it is not ready without a revocation list', async () => {
    node.service.setTime(node.service.now() + 7_200_000);
    await node.admission.time.sync();
    node.service.trouble = unreachable();
    expect(await get('/readyz')).toMatchObject({ status: 503, body: { code: 'revocation-list-stale' } });
  });

  it('it is not ready when it ends', async () => {
    node.node.retire();
    expect(await get('/readyz')).toMatchObject({ status: 503, body: { code: 'shutting-down' } });
  });

  it.each(['/nothing', '/metrics', '/__proto__', '/constructor', '/healthz/', '/..%2fhealthz'])(
    'there is nothing at %s',
    async (path) => {
      expect(await get(path)).toMatchObject({ status: 404, body: { code: 'not-found' } });
    },
  );

  it('nothing is served to others than readers', async () => {
    expect((await get('/healthz', { method: 'POST', body: '{}' })).status).toBe(404);
  });

  it('nothing is served under a name of somebody else, or to their pages', async () => {
    expect(await raw('GET /healthz HTTP/1.1\r\nhost: evil.example\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 421 .*host-not-allowed/s,
    );
    expect(await get('/healthz', { headers: { origin: 'https://evil.example' } })).toMatchObject({ status: 403 });
  });

  it('what is not HTTP is answered and ended', async () => {
    expect(await raw('no HTTP at all\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 Bad Request/);
  });
});
