/** A connection that speaks as little WebSocket and Engine.IO as it must, so that thousands fit into one process and cost it little. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type FrameListener, FrameWalker } from './frame-walker.ts';

const UPGRADE_PATH = '/socket.io/?EIO=4&transport=websocket';
const HEAD_END = '\r\n\r\n';
/** A final text frame, and the bit that says that a mask follows (RFC 6455, section 5.2). */
const FINAL_TEXT = 0x81;
const MASKED = 0x80;
const TWO_BYTES = 126;
/** Engine.IO's. */
const PONG = '3';

/** What is heard of each frame once the talking is over. */
export type FrameCounter = (payloadBytes: number, text: string | undefined) => void;

export class WireSocket implements FrameListener {
  /** Texts of frames are handed on. */
  wantsText = true;
  readonly #socket: Socket;
  readonly #walker = new FrameWalker(this);
  readonly #texts: string[] = [];
  #waiting: ((text: string) => void) | undefined;
  #count: FrameCounter | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Connects, and asks for a WebSocket where `upgrade` says so. `ca` is absent where there is no TLS. */
  static async open(url: string, ca: string | undefined, upgrade: boolean): Promise<WireSocket> {
    const { hostname: host, port } = new URL(url);
    const at = { host, port: Number(port) };
    const socket = ca === undefined ? connectTcp(at) : connectTls({ ...at, ca, minVersion: 'TLSv1.3' });
    await once(socket, ca === undefined ? 'connect' : 'secureConnect');
    const wire = new WireSocket(socket);
    socket.on('error', (error) => wire.#fail(error));
    socket.once('close', () => wire.#fail(new Error(`${url} closed a connection`)));
    if (upgrade) await wire.#upgrade(new URL(url).host);
    else socket.on('data', (bytes) => wire.#walker.walk(bytes));
    return wire;
  }

  say(text: string): void {
    const payload = Buffer.from(text);
    const head = Buffer.alloc(payload.length < TWO_BYTES ? 6 : 8);
    head[0] = FINAL_TEXT;
    head[1] = MASKED | Math.min(payload.length, TWO_BYTES);
    if (payload.length >= TWO_BYTES) head.writeUInt16BE(payload.length, 2);
    // The mask is zero: nothing between the two is in need of one.
    this.#socket.write(Buffer.concat([head, payload]));
  }

  /** The next text that arrives. */
  async hear(): Promise<string> {
    const text = this.#texts.shift();
    if (text !== undefined) return text;
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** From here on frames are counted, and nothing can be heard any more. */
  countInto(count: FrameCounter, wantsText: boolean): void {
    this.wantsText = wantsText;
    this.#count = count;
  }

  frame(payloadBytes: number, text: string | undefined): void {
    // Nothing else has one character.
    if (payloadBytes === 1) this.say(PONG);
    else if (this.#count !== undefined) this.#count(payloadBytes, text);
    else if (this.#waiting === undefined) this.#texts.push(text as string);
    else {
      const hear = this.#waiting;
      this.#waiting = undefined;
      hear(text as string);
    }
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }

  async #upgrade(host: string): Promise<void> {
    const key = randomBytes(16).toString('base64');
    const head = `GET ${UPGRADE_PATH} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`;
    this.#socket.write(`${head}Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13${HEAD_END}`);
    const [answer] = (await once(this.#socket, 'data')) as [Buffer];
    const end = answer.indexOf(HEAD_END);
    if (!answer.toString('latin1').startsWith('HTTP/1.1 101') || end < 0) throw new Error(`no WebSocket: ${answer}`);
    this.#socket.on('data', (bytes) => this.#walker.walk(bytes));
    if (answer.length > end + HEAD_END.length) this.#walker.walk(answer.subarray(end + HEAD_END.length));
  }

  /** A watcher that is lost is not watching: the figure would be wrong. */
  #fail(error: Error): never {
    throw error;
  }
}
