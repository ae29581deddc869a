/** A connection that speaks as little WebSocket and Engine.IO as it must, so that thousands fit into one process and cost it little. */
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type FrameListener, FrameWalker, frameOf } from '../web-socket/frames.ts';
import { upgrade } from '../web-socket/upgrade.ts';

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

  /** Connects, and asks for a WebSocket where `isWeb` says so. `ca` is absent where there is no TLS. */
  static async open(url: string, ca: string | undefined, isWeb: boolean): Promise<WireSocket> {
    const { hostname: host, port } = new URL(url);
    const at = { host, port: Number(port) };
    const socket = ca === undefined ? connectTcp(at) : connectTls({ ...at, ca, minVersion: 'TLSv1.3' });
    await once(socket, ca === undefined ? 'connect' : 'secureConnect');
    const wire = new WireSocket(socket);
    socket.on('error', (error) => wire.#fail(error));
    socket.once('close', () => wire.#fail(new Error(`${url} closed a connection`)));
    const take = (bytes: Buffer) => wire.#walker.walk(bytes);
    if (isWeb) await upgrade(socket, new URL(url).host, take);
    else socket.on('data', take);
    return wire;
  }

  say(text: string): void {
    this.#socket.write(frameOf(text));
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

  /** A watcher that is lost is not watching: the figure would be wrong. */
  #fail(error: Error): never {
    throw error;
  }
}
