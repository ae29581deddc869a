/** Pages of others in somebody's browser, and names of others for our address (DNS rebinding): neither server serves them, by request or by socket. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUSE_PATHS } from '../../shared/wire/about-house.ts';
import { PATHS } from '../../shared/wire/http-endpoints.ts';
import { LOG_PATHS } from '../../shared/wire/log.ts';
import { TestNode } from '../support/test-node.ts';
import { soon } from '../support/until.ts';
import { AS_OPERATOR, TestService } from '../trusted-service/test-service.ts';

let service: TestService;
let node: TestNode;
beforeAll(async () => {
  service = await TestService.start();
  node = await TestNode.start();
});
afterAll(async () => {
  expect(node.failures).toEqual([]);
  await Promise.all([service.stop(), node.stop()]);
});

type Headers = Record<string, string>;
type Answer = readonly [status: number | undefined, code: string | undefined];

/** What a request with these headers is answered, `host` being ours where they do not name one. */
function ask(url: string, path: string, headers: Headers, method = 'GET', body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { method, headers, agent: false }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      resolve([answer.statusCode, text.startsWith('{') ? JSON.parse(text).code : undefined]);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The status of the reply to a WebSocket's upgrade. */
async function upgrade(headers: Headers): Promise<number> {
  const { hostname, port } = new URL(node.url);
  const socket = connect(Number(port), hostname);
  const upgraded = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
  const all = { host: `${hostname}:${port}`, ...upgraded, 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  socket.write(`GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  const [chunk] = await soon('a reply', once(socket, 'data'));
  socket.destroy();
  return Number(String(chunk).split(' ')[1]);
}

/** What a name that is not ours, or a page of somebody else, sends. */
const FOREIGN: readonly [what: string, headers: Headers, Answer][] = [
  ['another name', { host: 'auction.example.org' }, [421, 'host-not-allowed']],
  ['another name, whose page asks', { host: 'evil.example', origin: 'http://evil.example' }, [421, 'host-not-allowed']],
  ['another name with our port', { host: 'evil.example:8443' }, [421, 'host-not-allowed']],
  ['a name that ends like ours', { host: 'evil-localhost' }, [421, 'host-not-allowed']],
  ['a name that begins like ours', { host: '127.0.0.1.example.org' }, [421, 'host-not-allowed']],
  ['credentials before it', { host: 'evil@127.0.0.1' }, [421, 'host-not-allowed']],
  ['a path behind it', { host: '127.0.0.1/x' }, [421, 'host-not-allowed']],
  ['another address', { host: '127.0.0.2' }, [421, 'host-not-allowed']],
  ['a page elsewhere', { origin: 'https://evil.example' }, [403, 'origin-not-allowed']],
  ['a page of no origin', { origin: 'null' }, [403, 'origin-not-allowed']],
  ['a page of another port', { origin: 'http://127.0.0.1:1' }, [403, 'origin-not-allowed']],
  ['a file', { origin: 'file://' }, [403, 'origin-not-allowed']],
  ['a page whose name begins like ours', { origin: 'https://127.0.0.1.evil.example' }, [403, 'origin-not-allowed']],
  ['an origin that is none', { origin: 'x' }, [403, 'origin-not-allowed']],
  ['a page beside ours', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }, [403, 'origin-not-allowed']],
  ['a picture', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, [403, 'origin-not-allowed']],
  ['a socket', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'websocket' }, [403, 'origin-not-allowed']],
];

describe.each(FOREIGN)('%s', (_what, headers, expected) => {
  it('gets nothing from the Trusted Service, not even with the operator’s token', async () => {
    for (const path of [PATHS.root, PATHS.jwks, PATHS.health, '/nowhere']) {
      expect(await ask(service.url, path, headers), path).toEqual(expected);
    }
    const { epoch } = await service.client.clock();
    const all = { 'content-type': 'application/json', ...AS_OPERATOR, ...headers };
    expect(await ask(service.url, PATHS.setTime, all, 'POST', '{"time":0}')).toEqual(expected);
    expect((await service.client.clock()).epoch).toBe(epoch);
  });

  it('gets nothing from the DMS: no page of the log, no answer, no socket', async () => {
    for (const path of [HOUSE_PATHS.about, LOG_PATHS.checkpoint, PATHS.health, '/nowhere']) {
      expect(await ask(node.url, path, headers), path).toEqual(expected);
    }
    expect(await upgrade(headers)).toBe(400);
  });
});

/** What has to go on working: programs, our own pages, people who follow a link. `own` is the server's own origin. */
const OURS: readonly [what: string, headers: (own: string) => Headers][] = [
  ['a program', () => ({})],
  ['a page of its own', (own) => ({ origin: own, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' })],
  ['who types the address', () => ({ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' })],
  ['who follows a link', () => ({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })],
];

describe.each(OURS)('%s', (_what, headersOf) => {
  it('is served by both', async () => {
    expect((await ask(service.url, PATHS.jwks, headersOf(service.url)))[0]).toBe(200);
    expect((await ask(node.url, HOUSE_PATHS.about, headersOf(node.url)))[0]).toBe(200);
    expect(await upgrade(headersOf(node.url))).toBe(101);
  });
});

it('without a name there is no socket', async () => {
  expect(await upgrade({ host: '' })).toBe(400);
});

describe('what a page can send without asking first', () => {
  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'is no request: a body of %j',
    async (type) => {
      const headers = { ...(type === '' ? {} : { 'content-type': type }), ...AS_OPERATOR };
      const body = `{"imprint":"${'A'.repeat(43)}"}`;
      expect(await ask(service.url, PATHS.timestamp, headers, 'POST', body)).toEqual([400, 'malformed']);
    },
  );

  it('has no cookie to ride on, and no server invites other origins to read its answers', async () => {
    for (const { url, path } of [
      { url: service.url, path: PATHS.jwks },
      { url: service.url, path: PATHS.about },
      { url: node.url, path: HOUSE_PATHS.about },
      { url: node.url, path: LOG_PATHS.checkpoint },
    ]) {
      const { headers, body } = await fetch(new URL(path, url));
      await body?.cancel();
      expect(headers.getSetCookie()).toEqual([]);
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });
});
