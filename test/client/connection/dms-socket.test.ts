import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DmsSocket, type SocketListener } from '../../../client/connection/dms-socket.ts';
import { refusalOf } from '../../support/refusal.ts';
import { createTestAuthority } from '../../support/test-authority.ts';

let server: Server;
afterEach(() => {
  vi.useRealTimers();
  server.close();
});

const OPEN = JSON.stringify({ sid: 'x', upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1_000 });

/** A server that takes WebSockets (RFC 6455) and opens Engine.IO, then does what it is told with the question to be let in. */
async function halfServer(then: (socket: Socket) => void): Promise<string> {
  server = createServer();
  server.on('upgrade', (request, socket: Socket) => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade';
    socket.write(`${head}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    const text = Buffer.from(`0${OPEN}`);
    socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
    socket.once('data', () => then(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function open(url: string): Promise<string | undefined> {
  const { root } = await createTestAuthority(Date.now());
  const nothing = () => undefined;
  const listener: SocketListener = {
    ...{ listed: nothing, bids: nothing, closed: nothing, checkpoints: nothing, notices: nothing, ended: nothing },
  };
  return refusalOf(DmsSocket.open({ url, root: root.certificate, auth: {} as never }, listener));
}

describe('a connection that is lost after it opened and before it is let in', () => {
  it('has failed: the server is killed in between', async () => {
    expect(await open(await halfServer((socket) => socket.destroy()))).toBe('dms-unreachable');
  });

  it('has failed: the server ends it in between', async () => {
    // A close frame.
    expect(await open(await halfServer((socket) => socket.end(Buffer.from([0x88, 0x00]))))).toBe('dms-unreachable');
  });

  it('has failed after ten seconds: the server never answers', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const silent = await halfServer(() => vi.advanceTimersByTime(10_000));
    expect(await open(silent)).toBe('dms-unreachable');
  });
});
