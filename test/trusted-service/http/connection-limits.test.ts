import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { ConnectionLimits, MAX_CONNECTIONS_PER_ADDRESS } from '../../../trusted-service/http/connection-limits.ts';
import { soon, until } from '../../support/until.ts';
import { TestService } from '../test-service.ts';

const socketFrom = (remoteAddress: string) => Object.assign(new EventEmitter(), { remoteAddress }) as Socket;
/** How many of so many are let in. */
const enter = (limits: ConnectionLimits, count: number, address: string) =>
  Array.from({ length: count }, () => limits.enter(socketFrom(address))).filter(Boolean).length;

describe('connections', () => {
  it('of one address have an end, an IPv6 network being one; those of others are let in all the same', () => {
    const limits = new ConnectionLimits([]);
    expect(enter(limits, 2_000, '192.0.2.1')).toBe(MAX_CONNECTIONS_PER_ADDRESS);
    expect(enter(limits, 1, '::ffff:192.0.2.1')).toBe(0);
    expect(enter(limits, 1, '192.0.2.2')).toBe(1);
    expect(enter(limits, 1_000, '2001:db8::1') + enter(limits, 1_000, '2001:db8:0:0:9::1')).toBe(
      MAX_CONNECTIONS_PER_ADDRESS,
    );
  });

  it('make room when they are closed', () => {
    const limits = new ConnectionLimits([], 2);
    const [first, second] = [socketFrom('192.0.2.1'), socketFrom('192.0.2.1')];
    expect([limits.enter(first), limits.enter(second), enter(limits, 1, '192.0.2.2')]).toEqual([true, true, 0]);
    first.emit('close');
    expect(enter(limits, 2, '192.0.2.2')).toBe(1);
  });

  it.each(['127.0.0.1', '::ffff:127.0.0.1', '::1', '10.1.2.3'])('of %s count in all alone', (address) => {
    expect(enter(new ConnectionLimits(['10.0.0.0/8']), 9_999, address)).toBe(9_999);
  });
});

describe('a service', () => {
  let service: TestService | undefined;
  const open: Socket[] = [];
  afterEach(async () => {
    for (const socket of open.splice(0)) socket.destroy();
    await service?.stop();
  });

  it('closes the one too many without a byte of TLS', async () => {
    service = await TestService.start({ tls: true }, undefined, { maxConnections: 3 });
    const { hostname, port } = new URL(service.url);
    const connectOne = async () => {
      const socket = connect(Number(port), hostname);
      open.push(socket);
      await once(socket, 'connect');
      return socket;
    };
    for (let count = 0; count < 3; count += 1) await connectOne();
    const refused = await connectOne();
    const received: Buffer[] = [];
    refused.on('data', (chunk) => received.push(chunk)).on('error', () => undefined);
    await soon('its end', once(refused, 'close'));
    expect(received).toEqual([]);
    open[0]!.destroy();
    const shakeHands = () =>
      new Promise<boolean>((resolve) => {
        const socket = connectTls({ port: Number(port), host: hostname, rejectUnauthorized: false });
        open.push(socket);
        socket.once('secureConnect', () => resolve(true)).once('error', () => resolve(false));
      });
    await until('room', shakeHands);
  });
});
