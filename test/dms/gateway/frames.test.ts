/** The bytes of frames that are made once for everybody. */
import { describe, expect, it } from 'vitest';
import { FrameWalker } from '../../../bench/web-socket/frames.ts';
import { backlogOf } from '../../../dms/gateway/connection-internals.ts';
import { encodeFrames } from '../../../dms/gateway/frames.ts';

/** Of Engine.IO's `4`, Socket.IO's `2`, and `["x",""]`. */
const AROUND = 10;

/** An event whose frame has so many bytes of payload. */
const eventOf = (bytes: number) => ['x', 'a'.repeat(bytes - AROUND)] as const;

describe('a frame', () => {
  // RFC 6455, section 5.7: the examples of unmasked text and of 256 bytes and 64 KiB.
  it.each([
    [125, '817d'],
    [126, '817e007e'],
    [256, '817e0100'],
    [65_535, '817effff'],
    [65_536, '817f0000000000010000'],
  ])('of %i bytes begins with %s', (length, head) => {
    const { bytes, count } = encodeFrames([eventOf(length)]);
    expect([bytes.subarray(0, head.length / 2).toString('hex'), count]).toEqual([head, 1]);
    expect(bytes).toHaveLength(head.length / 2 + length);
  });

  it('counts bytes, not characters', () => {
    const { bytes } = encodeFrames([['x', 'ü'.repeat(60)]]);
    expect(bytes.subarray(0, 4).toString('hex')).toBe('817e0082');
  });
});

it('frames follow one another, each the event as Socket.IO says it', () => {
  const events = [['someone_bid', [{ amount: 1, title: 'Büste “x”' }]], eventOf(70_000), ['checkpoint', []]] as const;
  const { bytes, count } = encodeFrames(events);
  const heard: (string | undefined)[] = [];
  const walker = new FrameWalker({ wantsText: true, frame: (_, text) => heard.push(text) });
  // However the network cuts them.
  for (let at = 0; at < bytes.length; at += 7) walker.walk(bytes.subarray(at, at + 7));
  expect(heard).toEqual(events.map((event) => `42${JSON.stringify(event)}`));
  expect(count).toBe(3);
});

it('what waits on a connection is counted by frames, however many were written at once', () => {
  const waiting = [{ data: '2' }, { options: { wsPreEncodedFrame: [Buffer.alloc(900)], frames: 3 } }];
  const conn = { writeBuffer: waiting, transport: { writable: false, socket: { bufferedAmount: 50 } } };
  expect(backlogOf({ conn } as never)).toEqual({ packets: 4, bytes: 951 });
  expect(backlogOf({ conn: { ...conn, transport: { writable: true } } } as never)).toEqual({ packets: 0, bytes: 0 });
});
