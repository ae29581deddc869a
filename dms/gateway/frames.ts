/**
 * What everybody hears in one turn, as bytes that are made once: for each event the text frame of a WebSocket (RFC 6455,
 * section 5.2) that holds Engine.IO's message with Socket.IO's event. One write per connection carries all of them.
 */

/** An event's name and its argument. */
export type SentEvent = readonly [name: string, argument: unknown];

export interface Frames {
  readonly bytes: Buffer;
  readonly count: number;
}

/** Engine.IO's message, Socket.IO's event. */
const EVENT = '42';
const FINAL_TEXT = 0x81;
/** Lengths below it are in one byte; it says that two more bytes hold the length, and the next value that eight do. */
const TWO_BYTES = 126;
const EIGHT_BYTES = 127;
const MOST_IN_TWO_BYTES = 0xffff;

export function encodeFrames(events: readonly SentEvent[]): Frames {
  const parts = events.flatMap((event) => {
    const payload = Buffer.from(`${EVENT}${JSON.stringify(event)}`);
    return [headOf(payload.length), payload];
  });
  return { bytes: Buffer.concat(parts), count: events.length };
}

/** Nothing that a server sends is masked. */
function headOf(length: number): Buffer {
  if (length < TWO_BYTES) return Buffer.of(FINAL_TEXT, length);
  const isLong = length > MOST_IN_TWO_BYTES;
  const head = Buffer.alloc(isLong ? 10 : 4);
  head[0] = FINAL_TEXT;
  head[1] = isLong ? EIGHT_BYTES : TWO_BYTES;
  if (isLong) head.writeBigUInt64BE(BigInt(length), 2);
  else head.writeUInt16BE(length, 2);
  return head;
}
