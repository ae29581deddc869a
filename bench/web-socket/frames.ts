/** The frames of a WebSocket (RFC 6455, section 5.2): as bytes that can be made beforehand, and found in what comes at little cost. */

const FINAL_TEXT = 0x81;
const MASKED = 0x80;
const LENGTH_BITS = 0x7f;
/** Lengths from here on are in the two bytes that follow; this one more, in the eight. */
const TWO_BYTES = 126;
const EIGHT_BYTES = 127;

/** A text as one frame. A client's has a mask; it is zero, so that the bytes are those of the text. */
export function frameOf(text: string, isMasked = true): Buffer {
  const payload = Buffer.from(text);
  const size = payload.length;
  const code = size < TWO_BYTES ? size : size <= 0xffff ? TWO_BYTES : EIGHT_BYTES;
  const maskAt = 2 + extraBytes(code);
  const head = Buffer.alloc(maskAt + (isMasked ? 4 : 0));
  head[0] = FINAL_TEXT;
  head[1] = (isMasked ? MASKED : 0) | code;
  if (code === TWO_BYTES) head.writeUInt16BE(size, 2);
  if (code === EIGHT_BYTES) head.writeBigUInt64BE(BigInt(size), 2);
  return Buffer.concat([head, payload]);
}

/** Of a length that is more than its code. */
function extraBytes(code: number): number {
  return code < TWO_BYTES ? 0 : code === TWO_BYTES ? 2 : 8;
}

export interface FrameListener {
  /** Whether the text of the next frame is wanted. */
  readonly wantsText: boolean;
  frame(payloadBytes: number, text: string | undefined): void;
}

/** Finds the frames in what a server sends, and looks into none that nobody asked for. */
export class FrameWalker {
  readonly #listener: FrameListener;
  /** Of a frame whose head has not arrived in one piece. */
  #head: Buffer | undefined;
  #length = 0;
  #left = 0;
  #kept: Buffer[] | undefined;

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  walk(arrived: Buffer): void {
    const bytes = this.#head === undefined ? arrived : Buffer.concat([this.#head, arrived]);
    this.#head = undefined;
    for (let at = 0; at < bytes.length; ) {
      if (this.#left === 0) {
        const payloadAt = this.#begin(bytes, at);
        if (payloadAt === undefined) {
          this.#head = bytes.subarray(at);
          return;
        }
        at = payloadAt;
      }
      at = this.#take(bytes, at);
    }
  }

  /** Reads the head of a frame, and returns where its payload begins; `undefined` while something of the head is missing. */
  #begin(bytes: Buffer, at: number): number | undefined {
    const short = (bytes[at + 1] ?? EIGHT_BYTES) & LENGTH_BITS;
    const payloadAt = at + 2 + extraBytes(short);
    // A frame without payload does not occur: Engine.IO's shortest packet is one character.
    if (payloadAt > bytes.length) return undefined;
    if (short < TWO_BYTES) this.#length = short;
    else this.#length = short === TWO_BYTES ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    this.#left = this.#length;
    this.#kept = this.#listener.wantsText ? [] : undefined;
    return payloadAt;
  }

  #take(bytes: Buffer, at: number): number {
    const taken = Math.min(this.#left, bytes.length - at);
    this.#kept?.push(bytes.subarray(at, at + taken));
    this.#left -= taken;
    if (this.#left === 0) this.#listener.frame(this.#length, this.#kept && Buffer.concat(this.#kept).toString());
    return at + taken;
  }
}
