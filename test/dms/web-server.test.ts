/** Connections that wait before the server learns of them, with and without TLS. */
import { once } from 'node:events';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Arrival } from '../../dms/gateway/arrivals.ts';
import { announceArrivals, createWebServer, type TlsIdentity, type WebServer } from '../../dms/web-server.ts';
import { createTestAuthority } from '../support/test-authority.ts';
import { soon, until } from '../support/until.ts';

let server: WebServer;
let waiting: { readonly socket: Socket; readonly arrival: Arrival }[];

async function listen(tls?: TlsIdentity): Promise<number> {
  waiting = [];
  server = createWebServer(tls, (_request, response) => void response.end('served'));
  announceArrivals(server, (socket, arrival) => void waiting.push({ socket, arrival }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function identity(): Promise<TlsIdentity> {
  const authority = await createTestAuthority(Date.now());
  const { certificate, keys } = await authority.issue('dms-node');
  return { key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: certificate.pem };
}

const first = () => until('a connection', () => waiting[0]);

afterEach(async () => {
  for (const { socket } of waiting) socket.destroy();
  server.close();
  await once(server, 'close');
});

describe('arrivals at a server', () => {
  it.each([['plain'], ['TLS']])('are served when they begin, whatever they said before: %s', async (kind) => {
    const port = await listen(kind === 'TLS' ? await identity() : undefined);
    const send = kind === 'TLS' ? requestHttps : requestHttp;
    const request = send({ port, host: '127.0.0.1', agent: false, rejectUnauthorized: false }).end();
    const { socket, arrival } = await first();
    // What was said by then has arrived.
    await until('what was said', () => socket.bytesRead > 0);
    expect(arrival.isOver).toBe(false);
    arrival.begin();
    const [response] = await soon('an answer', once(request, 'response'));
    expect(await response.toArray()).toEqual([Buffer.from('served')]);
  });

  it('may break off while they wait', async () => {
    const client = connect(await listen(), '127.0.0.1');
    const { socket, arrival } = await first();
    client.resetAndDestroy();
    await until('the end', () => socket.destroyed);
    expect(arrival.isOver).toBe(true);
  });

  it('are closed without a word when they are not wanted', async () => {
    const client = connect(await listen(), '127.0.0.1');
    const { arrival } = await first();
    arrival.end();
    client.resume();
    await soon('the end', once(client, 'close'));
    expect(client.bytesRead).toBe(0);
  });
});
