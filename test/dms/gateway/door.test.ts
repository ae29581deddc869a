import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { beforeEach, describe, expect, it } from 'vitest';
import { Door } from '../../../dms/gateway/door.ts';
import { ManualClock } from '../../support/manual-clock.ts';

let clock: ManualClock;
let door: Door;
beforeEach(() => {
  clock = new ManualClock();
  door = new Door({ hosts: ['dms.example', '127.0.0.1', '::1'], clock });
});

function request(remoteAddress: string, headers: Record<string, string> = {}): IncomingMessage {
  const socket = Object.assign(new EventEmitter(), { remoteAddress });
  return { headers: { host: 'dms.example', ...headers }, socket } as unknown as IncomingMessage;
}
/** Lets so many connect from an address, and gives how many were let in. */
const arrive = (count: number, address: string) =>
  Array.from({ length: count }, () => door.enter(request(address).socket)).filter(Boolean).length;
/** The same of requests over HTTP. */
const ask = (count: number, address: string) =>
  Array.from({ length: count }, () => door.refusalOf(request(address))).filter((code) => code === undefined).length;

describe('the door', () => {
  it.each([
    [{ host: 'dms.example' }, undefined],
    [{ host: 'DMS.Example:8444' }, undefined],
    [{ host: '[::1]:8444' }, undefined],
    [{ host: 'evil.example' }, 'host-not-allowed'],
    [{ host: 'dms.example.evil.example' }, 'host-not-allowed'],
    [{ host: 'dms.example@evil.example' }, 'host-not-allowed'],
    [{ host: '' }, 'host-not-allowed'],
    [{ host: 'dms.example:8444', origin: 'https://dms.example:8444' }, undefined],
    [{ host: 'dms.example:8444', origin: 'https://dms.example' }, 'origin-not-allowed'],
    [{ host: 'dms.example', origin: 'https://evil.example' }, 'origin-not-allowed'],
    [{ host: 'dms.example', origin: 'null' }, 'origin-not-allowed'],
    [{ host: 'dms.example', origin: '' }, 'origin-not-allowed'],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'websocket' }, 'origin-not-allowed'],
    [{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }, 'origin-not-allowed'],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, undefined],
    [{ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'websocket' }, undefined],
    [{ 'sec-fetch-site': 'none' }, undefined],
  ])('%j: %s', (headers, code) => {
    expect(door.refusalOf(request('203.0.113.9', headers))).toBe(code);
  });

  it('lets so many of one address in at once, and others all the same', () => {
    expect(arrive(500, '203.0.113.9')).toBe(200);
    clock.advance(60_000);
    expect(arrive(500, '203.0.113.9')).toBe(56);
    expect(arrive(1, '203.0.113.10')).toBe(1);
  });

  it('lets the next one in when one has gone', () => {
    const first = request('203.0.113.9');
    door.enter(first.socket);
    arrive(199, '203.0.113.9');
    clock.advance(60_000);
    arrive(500, '203.0.113.9');
    clock.advance(60_000);
    expect(arrive(1, '203.0.113.9')).toBe(0);
    first.socket.emit('close');
    expect(arrive(2, '203.0.113.9')).toBe(1);
  });

  it.each([
    [['::ffff:203.0.113.9', '203.0.113.9'], true],
    [['2001:db8:1:2:3::1', '2001:db8:1:2:ffff:ffff:ffff:ffff'], true],
    [['2001:db8:1:2::1', '2001:db8:1:3::1'], false],
    [['2001:db8::1', '2001:db8:0:0:9::1'], true],
    [['127.0.0.2', '127.0.0.3'], false],
    [['127.0.0.2', '::ffff:127.0.0.2'], true],
  ])('counts %j as one: %s', ([one, other], same) => {
    arrive(200, one!);
    expect(arrive(1, other!)).toBe(same ? 0 : 1);
  });

  it('counts who comes through a balancer in the sum alone', () => {
    door = new Door({ hosts: ['dms.example'], clock, isBalancer: (address) => address === '203.0.113.9' });
    expect(arrive(1_000, '203.0.113.9')).toBe(1_000);
    expect(arrive(500, '203.0.113.10')).toBe(200);
  });

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('counts %s in the sum alone', (address) => {
    expect(arrive(9_990, address)).toBe(9_990);
    expect(arrive(20, address)).toBe(10);
    expect(arrive(1, '203.0.113.9')).toBe(0);
  });

  it('lets one address ask so much, whatever it asks, and others all the same', () => {
    expect(ask(1_500, '203.0.113.9')).toBe(1_000);
    expect(door.refusalOf(request('203.0.113.9'))).toBe('too-many-requests');
    expect(ask(1, '203.0.113.10')).toBe(1);
    clock.advance(1_000);
    expect(ask(500, '203.0.113.9')).toBe(200);
    expect(ask(2_000, '127.0.0.1')).toBe(2_000);
  });

  it('remembers who has had his share, however many others come', () => {
    ask(1_000, '203.0.113.9');
    for (let n = 0; n < 25_000; n += 1) ask(1, `2001:db8:${(n >> 8).toString(16)}:${(n & 255).toString(16)}::1`);
    expect(ask(1, '203.0.113.9')).toBe(0);
  });
});
