/** Frames as those who load a house make them. */
import { expect, it } from 'vitest';
import { frameOf } from '../../bench/web-socket/frames.ts';

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
