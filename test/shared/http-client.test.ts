import type { IncomingMessage, RequestListener } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { ProtocolError } from '../../shared/errors.ts';
import { TrustedServiceClient, type TrustedServiceOptions } from '../../shared/http-client.ts';
import { PATHS } from '../../shared/wire/http-endpoints.ts';
import { Digest } from '../../shared/wire/vocabulary.ts';
import { refusalOf } from '../support/refusal.ts';
import { createTestAuthority, type Issued, type TestAuthority } from '../support/test-authority.ts';
import { bodyOf, json, serve, tlsOf } from '../support/test-server.ts';

// TLS is judged by the machine's clock.
const NOW = Date.now();
const CLOCK = { clock: 'simulated', epoch: 1, time: NOW, offsetMs: 0 };
const IMPRINT = Digest.parse('A'.repeat(43));

let authority: TestAuthority;
let server: Issued;

beforeAll(async () => {
  authority = await createTestAuthority(NOW);
  server = await authority.issue('trusted-service-tls');
});

/** Calls a service that answers like this. */
async function calling<Result>(
  answer: RequestListener,
  call: (client: TrustedServiceClient) => Promise<Result>,
  options: Partial<TrustedServiceOptions> & { tls?: object | 'none' } = {},
): Promise<Result> {
  const { tls = tlsOf(server, authority), ...changes } = options;
  await using listening = await serve(answer, tls === 'none' ? undefined : tls);
  const client = new TrustedServiceClient({ baseUrl: listening.url, root: authority.root.certificate, ...changes });
  try {
    return await call(client);
  } finally {
    await client.close();
  }
}

const clock = (client: TrustedServiceClient) => client.clock();

describe('a call', () => {
  it('sends JSON, and gives back what its schema lets through', async () => {
    let seen: unknown;
    const answer: RequestListener = async (request, response) => {
      seen = [request.method, request.url, request.headers['content-type'], await bodyOf(request)];
      json({ batch: 'a.b.c', index: 0, path: [] })(request, response as never);
    };
    expect(await calling(answer, (client) => client.timestamp(IMPRINT))).toEqual({
      batch: 'a.b.c',
      index: 0,
      path: [],
    });
    expect(seen).toEqual(['POST', PATHS.timestamp, 'application/json', JSON.stringify({ imprint: IMPRINT })]);
    await calling(answer, (client) => client.time('nonce-of-sixteen'));
    expect(seen).toEqual(['GET', `${PATHS.timestamp}?nonce=nonce-of-sixteen`, undefined, '']);
  });

  it('is one of many over a few connections', async () => {
    const connections = new Set<unknown>();
    const answer: RequestListener = (request, response) => {
      connections.add(request.socket);
      setImmediate(() => json(CLOCK)(request, response as never));
    };
    await calling(answer, (client) => Promise.all(Array.from({ length: 200 }, () => client.clock())), { tls: 'none' });
    expect(connections.size).toBe(32);
  });

  it('works without TLS, and below a path, where the operator put a proxy', async () => {
    expect(await calling(json(CLOCK), clock, { tls: 'none' })).toEqual(CLOCK);
    await using listening = await serve((request, response) =>
      json({ ...CLOCK, epoch: request.url!.length })(request, response),
    );
    for (const baseUrl of [`${listening.url}/gavel`, `${listening.url}/gavel/`]) {
      const client = new TrustedServiceClient({ baseUrl, root: authority.root.certificate });
      expect((await client.clock()).epoch).toBe(`/gavel${PATHS.clock}`.length);
      await client.close();
    }
  });

  it('keeps its connection for those that follow', async () => {
    const sockets = new Set<unknown>();
    const answer: RequestListener = (request, response) => {
      sockets.add(request.socket);
      json(CLOCK)(request, response);
    };
    await calling(answer, async (client) => {
      for (let call = 0; call < 10; call += 1) await client.clock();
    });
    // One more where a call begins while the last one's socket is being put back.
    expect(sockets.size).toBeLessThanOrEqual(2);
  });

  it("carries the operator's token where an operator is asked for, and nowhere else", async () => {
    const asked: [string, string | undefined][] = [];
    const answer: RequestListener = (request: IncomingMessage, response) => {
      asked.push([request.url!, request.headers.authorization]);
      response.writeHead(404).end();
    };
    await calling(
      answer,
      async (client) => {
        const calls = [
          () => client.signCsr({ csr: '', username: 'a' }),
          () => client.revoke({ serial: '40', reason: 'unspecified' }),
          () => client.setTime(NOW),
          () => client.resetTime(),
          () => client.clock(),
          () => client.timestamp(IMPRINT),
          () => client.time('nonce-of-sixteen'),
          () => client.keySet(),
          () => client.revocationList(),
        ];
        for (const call of calls) expect(await refusalOf(call())).toBe('trusted-service-unreachable');
      },
      { operatorToken: 'sesame' },
    );
    const withToken = asked.filter(([, token]) => token === 'Bearer sesame').map(([url]) => url);
    expect(withToken).toEqual([PATHS.signCsr, PATHS.revoke, PATHS.setTime, PATHS.resetTime, PATHS.clock]);
    expect(asked.filter(([, token]) => token === undefined)).toHaveLength(4);
  });

  it('fetches the revocation list only if it changed', async () => {
    const answer: RequestListener = (request, response) => {
      if (request.headers['if-none-match'] === '"7"') response.writeHead(304).end();
      else response.writeHead(200, { etag: '"7"' }).end(Buffer.from([0x30, 0x00]));
    };
    await calling(answer, async (client) => {
      expect(await client.revocationList()).toEqual({ der: new Uint8Array([0x30, 0x00]), etag: '"7"' });
      expect(await client.revocationList('"7"')).toBe('unchanged');
    });
  });
});

describe('a refusal of the service', () => {
  it('comes out with its code and detail', async () => {
    const problem = { type: 'about:blank', title: 'Conflict', status: 409, code: 'username-taken', detail: 'anna' };
    const error = await calling(json(problem, 409), clock).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ code: 'username-taken', detail: 'anna' });
  });

  const rows: readonly [what: string, answer: RequestListener][] = [
    ["a proxy's page", (_, response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<html>')],
    ['a code that we do not know', json({ type: 'about:blank', title: '', status: 409, code: 'gone' }, 409)],
    ['a redirection', (_, response) => response.writeHead(302, { location: '/api/clock' }).end()],
    ['an answer of another form', json({ ...CLOCK, epoch: -1 })],
    [
      'an answer with a member twice',
      (_, response) => response.end('{"clock":"real","clock":"simulated","epoch":1,"time":0,"offsetMs":0}'),
    ],
    ['an answer that is not JSON', (_, response) => response.end('OK')],
    ['no answer', (_, response) => response.end()],
    ['an answer without end', (_, response) => endless(() => response.write(Buffer.alloc(65_536, 0x20)))],
    ['a connection cut off', (request) => request.socket.destroy()],
    [
      'half an answer',
      (_, response) => response.writeHead(200, { 'content-length': '10' }).write('{', () => response.destroy()),
    ],
  ];
  it.each(rows)('is no answer with %s', async (_, answer) => {
    expect(await refusalOf(calling(answer, clock))).toBe('trusted-service-unreachable');
  });

  it.each([
    ['90', 90_000],
    ['0', 0],
    ['999999999', 3_600_000],
    ['Wed, 21 Oct 2037 07:28:00 GMT', undefined],
    ['-1', undefined],
    [undefined, undefined],
  ])('is told how long to wait: %s', async (pause, retryAfterMs) => {
    const problem = { type: 'about:blank', title: 'Later', status: 429, code: 'too-many-requests' };
    const answer: RequestListener = (_, response) => {
      response.writeHead(429, pause === undefined ? {} : { 'retry-after': pause }).end(JSON.stringify(problem));
    };
    const error = await calling(answer, clock).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'too-many-requests', retryAfterMs });
  });

  it('is no answer where none comes in time, neither its head nor its end', async () => {
    const silent: RequestListener = () => undefined;
    const stuck: RequestListener = (_, response) => response.writeHead(200).write('{');
    for (const answer of [silent, stuck]) {
      expect(await refusalOf(calling(answer, clock, { timeoutMs: 100 }))).toBe('trusted-service-unreachable');
    }
  });

  it('names the address where nobody listens', async () => {
    const { url, [Symbol.asyncDispose]: close } = await serve(json(CLOCK));
    await close();
    const client = new TrustedServiceClient({ baseUrl: url, root: authority.root.certificate });
    const error = await client.clock().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'trusted-service-unreachable', detail: `${url}: ECONNREFUSED` });
    await client.close();
  });

  it.each(['', 'localhost:1', 'ftp://localhost', 'https://'])('is an address such as %j', (baseUrl) => {
    expect(() => new TrustedServiceClient({ baseUrl, root: authority.root.certificate })).toThrow(ProtocolError);
  });
});

/** Writes as fast as it is read, until the reader has had enough. */
function endless(write: () => boolean): void {
  for (let chunk = 0; chunk < 128; chunk += 1) write();
}
