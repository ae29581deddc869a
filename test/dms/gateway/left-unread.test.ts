/** Somebody sends more than is read from him at once, and goes. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestNode } from '../../support/test-node.ts';
import { soon, until } from '../../support/until.ts';

let node: TestNode;

beforeEach(async () => {
  node = await TestNode.start();
});
afterEach(() => node.stop());

it('what was left unread when a connection closes is worked on by nobody', async () => {
  const arriving = once(node.node.server, 'connection') as Promise<[Socket]>;
  const { socket } = await node.enter(await node.service.participant());
  const [own] = await arriving;
  own.pause();
  for (let n = 0; n < 100; n += 1) socket.tell('nonsense');
  await until('something to read', () => own.readableLength > 0);
  // As by a write that fails: who does not read learns no other way that the other side has gone.
  own.destroy();
  await soon('the end of the connection', socket.closed);
  await until('the end of the session', () => node.log.some((line) => line.includes('sessions ended')));
  expect(node.node.sockets.unknownEvents).toBe(0);
  expect(node.failures).toEqual([]);
});
