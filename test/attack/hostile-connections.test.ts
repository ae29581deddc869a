/** Sockets that idle, are slow with the handshake, are too many, or poll: they are closed before they cost anything, and others notice nothing. */
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/time/clock.ts';
import type { HandParticipant } from '../support/hand-participant.ts';
import { FORGIVING } from '../support/house-servers.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { type ListedLot, RunningHouse } from '../support/running-house.ts';
import { soon, until } from '../support/until.ts';

let house: RunningHouse;
let attacker: HandParticipant;
let honest: HandParticipant;
let honestSocket: RawSocket;
let lot: ListedLot;
/** What the DMS's monotonic clock is ahead: idle connections are looked for by it. */
let ahead = 0;
const dmsClock = { now: systemClock.now, monotonic: () => systemClock.monotonic() + ahead };

beforeAll(async () => {
  house = await RunningHouse.start({ rates: FORGIVING, dmsClock });
  attacker = await house.participant('mallory');
  honest = await house.participant('hal');
  const seller = await house.participant('sue');
  lot = await house.list(seller, await house.rawSocket(seller), { closesAt: Math.round(house.now()) + 600_000 });
  honestSocket = await house.rawSocket(honest);
});
afterAll(() => house.close());

let amount = 100;

/** The process is as it was, and somebody else is served. */
async function expectUnaffected(): Promise<void> {
  amount += 10;
  expect(honestSocket.isOpen).toBe(true);
  expect(await house.bid(honest, honestSocket, lot, amount)).toMatchObject({ outcome: 'accepted' });
  expect(house.failures).toEqual([]);
}

describe('a connection', () => {
  const target = () => ({ url: house.dmsUrl, root: house.root.pem });

  it('by polling is refused', async () => {
    const auth = await attacker.auth();
    await expect(RawSocket.connect({ ...target(), auth, transports: ['polling'] })).rejects.toThrow();
    (await RawSocket.connect({ ...target(), auth })).close();
    await expectUnaffected();
  });

  it('without papers, or with something in their place, is refused', async () => {
    const auth = await attacker.auth();
    for (const papers of [undefined, {}, { token: 1 }, { ...auth, admin: true }, { ...auth, chain: [] }]) {
      await expect(RawSocket.connect({ ...target(), auth: papers }), JSON.stringify(papers)).rejects.toMatchObject({
        code: 'malformed',
      });
    }
    await expectUnaffected();
  });

  it('that never asks to be let in is closed within seconds', { timeout: 15_000 }, async () => {
    const { hostname, port } = new URL(house.dmsUrl);
    const idle = tlsConnect({ host: hostname, port: Number(port), ca: house.root.pem, minVersion: 'TLSv1.3' });
    let received = '';
    idle.on('data', (chunk) => {
      received += chunk;
    });
    const ended = new Promise<void>((resolve) => idle.once('close', () => resolve()));
    const key = Buffer.alloc(16).toString('base64');
    const lines = [
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
      `Host: ${hostname}:${port}`,
      ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`],
    ];
    idle.write(`${lines.join('\r\n')}\r\n\r\n`);
    await until('the upgrade', () => received.includes(' 101 '));
    await soon('the end of a socket that says nothing', ended, 8_000);
    await expectUnaffected();
  });

  it('that does not finish the handshake is closed, and told why', async () => {
    const [silent, half] = [
      await house.bareSocket(await attacker.auth()),
      await house.bareSocket(await attacker.auth()),
    ];
    await half.hello();
    ahead += 10_001;
    for (const waiting of [silent, half]) {
      await soon('the end of the handshake', waiting.closed);
      expect(waiting.heard).toMatchObject([{ name: 'session_ended', args: [{ code: 'handshake-timeout' }] }]);
    }
    // To the DMS ten seconds have passed at once: it asks what time it really is before it takes stamps again.
    amount += 10;
    await until('the time to be right again', async () => {
      return (await house.bid(honest, honestSocket, lot, amount)).outcome === 'accepted';
    });
    await expectUnaffected();
  });

  it('is one of eight of its participant at most', async () => {
    const crowd = await Promise.allSettled(Array.from({ length: 12 }, () => house.rawSocket(honest)));
    const refused = crowd.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    // One was there before.
    expect(crowd.length - refused.length).toBeLessThanOrEqual(7);
    expect(crowd.length - refused.length).toBeGreaterThan(0);
    await expectUnaffected();
  });
});

describe('connections beyond the limit', () => {
  const LIMIT = 6;
  let full: RunningHouse;
  beforeAll(async () => {
    full = await RunningHouse.start({ maxConnections: LIMIT });
  });
  afterAll(() => full.close());

  /** A connection that begins a handshake of TLS if `hello` is given: what came back, when it is over. */
  function open(hello?: Buffer) {
    const { hostname, port } = new URL(full.dmsUrl);
    const socket = connectTcp(Number(port), hostname, () => hello && socket.write(hello));
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk)).on('error', () => undefined);
    const closed = new Promise<Buffer>((resolve) => socket.once('close', () => resolve(Buffer.concat(received))));
    return { socket, closed, received };
  }

  it('in all are closed without a byte of TLS, and the next one gets in when one has gone', async () => {
    const hal = await full.participant('hal');
    const honest = await full.rawSocket(hal);
    const hello = await clientHello();
    // They say nothing, and have their time to.
    const idle = Array.from({ length: LIMIT - 1 }, () => open());
    await Promise.all(idle.map(({ socket }) => once(socket, 'connect')));
    const refused = [open(hello), open(hello), open(hello)];
    for (const { closed } of refused) expect(await soon('the end', closed)).toEqual(Buffer.alloc(0));
    await expect(full.bareSocket(await hal.auth())).rejects.toThrow();
    // Who is in is served as before.
    expect((await honest.ask('query', { type: 'allitems' })).outcome).toBe('accepted');
    idle[0]!.socket.destroy();
    const next = await until('room', async () => {
      const { socket, closed, received } = open(hello);
      await Promise.race([once(socket, 'data'), closed]);
      socket.destroy();
      return received.length > 0;
    });
    expect(next).toBe(true);
    for (const { socket } of idle) socket.destroy();
    expect(full.failures).toEqual([]);
  });
});

/** The first flight of a TLS handshake, as a client sends it. */
async function clientHello(): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const server = createServer((socket) => socket.once('data', resolve));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const caller = tlsConnect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  caller.on('error', () => undefined);
  const hello = await promise;
  caller.destroy();
  server.close();
  return hello;
}
