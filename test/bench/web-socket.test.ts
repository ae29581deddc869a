/** WebSockets as those who load a house make them. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { FrameWalker, frameOf } from '../../bench/web-socket/frames.ts';
import { upgrade } from '../../bench/web-socket/upgrade.ts';

// RFC 6455, section 5.2; a client's with a mask of zero.
it.each([
  [1, '8181', '8101'],
  [125, '81fd', '817d'],
  [126, '81fe007e', '817e007e'],
  [65_535, '81feffff', '817effff'],
  [65_536, '81ff0000000000010000', '817f0000000000010000'],
])('a frame of %i bytes says so, and is its text', (length, client, server) => {
  const text = 'x'.repeat(length);
  const framed = (head: string) => Buffer.concat([Buffer.from(head, 'hex'), Buffer.from(text)]);
  expect(frameOf(text).equals(framed(`${client}00000000`))).toBe(true);
  expect(frameOf(text, false).equals(framed(server))).toBe(true);
});

/** What is heard where somebody asks for a WebSocket and gets this answer. */
async function heardWith(answer: string | Buffer): Promise<(string | undefined)[]> {
  const server = createServer((asker) => asker.once('data', () => asker.end(answer)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const heard: (string | undefined)[] = [];
  const walker = new FrameWalker({ wantsText: true, frame: (_, text) => heard.push(text) });
  try {
    await upgrade(socket, 'localhost', (bytes) => walker.walk(bytes));
    return heard;
  } finally {
    socket.destroy();
    server.close();
  }
}

it('a connection is a WebSocket with whatever came behind the answer, and none where it says no', async () => {
  const yes = Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n');
  expect(await heardWith(Buffer.concat([yes, frameOf('0{}', false)]))).toEqual(['0{}']);
  await expect(heardWith('HTTP/1.1 503 Service Unavailable\r\n\r\n')).rejects.toThrow('HTTP/1.1 503');
  await expect(heardWith('')).rejects.toThrow('closed');
});
