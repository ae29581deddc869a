/**
 * A connection that costs its client as little as can be: it sends frames that were written beforehand, and looks into what
 * comes only as far as it has to. Announcements are received and not read, but for the checkpoint that ends each tick.
 */
import { EventEmitter } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { socketTrust } from '#platform/socket-trust.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';

/** Who waits for an answer. */
interface Waiting {
  /** Takes the text of the arguments, an array in JSON. */
  take(answer: string): void;
  /** None will come. */
  fail(error: Error): void;
}

/** How a connection is made, where that is not as usual. */
export interface WireOptions {
  /** Where it comes from: any address of 127.0.0.0/8. */
  readonly from?: string | undefined;
  /** Hears every event, as it came, but answers. */
  readonly onEvent?: (packet: string, wire: Wire) => void;
  /** The connection is over. */
  readonly onEnd?: (reason: string, wire: Wire) => void;
}

/** What an Engine.IO connection is to us: it sends text as one message. */
interface Engine {
  write(text: string): void;
}

/** Types of Socket.IO's packets (its protocol, version 5). */
const DISCONNECT = 1;
const EVENT = '2';
const ACK = '3';

export class Wire {
  /** Everything up to this position was announced here. */
  announced = 0;
  readonly #socket: Socket;
  readonly #options: WireOptions;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  /** Why the server ended the session, as it said it. */
  #lastWords = '';

  private constructor(url: string, root: Certificate, auth: object, options: WireOptions) {
    this.#options = options;
    this.#socket = io(url, {
      auth,
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      autoConnect: false,
      ...(options.from !== undefined && { localAddress: options.from }),
      parser: parserFor((packet) => this.#take(packet)),
      ...socketTrust(url, { root, profile: 'dms-node' }),
    });
    this.#socket.on('disconnect', (reason) => this.#end(reason));
  }

  /** Connects. Throws the server's refusal. */
  static async open(url: string, root: Certificate, auth: object, options: WireOptions = {}): Promise<Wire> {
    const wire = new Wire(url, root, auth, options);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    wire.#socket.once('connect', resolve).once('connect_error', reject);
    wire.#socket.connect();
    await promise;
    return wire;
  }

  /** Asks, and waits for the answer. */
  async ask(name: string, argument: unknown): Promise<unknown> {
    return (JSON.parse(await this.exchange(frameOf(name, argument))) as [unknown])[0];
  }

  /** Sends a frame of `frameOf`, and waits for the text of the answer's arguments. */
  exchange(frame: string): Promise<string> {
    return new Promise((take, fail) => this.send(frame, { take, fail }));
  }

  /** Sends a frame of `frameOf`. Without a promise: an answer is taken in the very turn in which it comes. */
  send(frame: string, waiting: Waiting): void {
    if (!this.#socket.connected) {
      waiting.fail(new Error(`the connection is over: ${this.#lastWords}`));
      return;
    }
    const id = this.#next;
    this.#next += 1;
    this.#waiting.set(id, waiting);
    (this.#socket.io.engine as Engine).write(`${EVENT}${id}${frame}`);
  }

  close(): void {
    this.#socket.close();
  }

  #take(packet: string): void {
    if (packet.startsWith(ACK)) {
      const begin = packet.indexOf('[');
      const id = Number(packet.slice(1, begin));
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      waiting?.take(packet.slice(begin));
      return;
    }
    if (packet.startsWith('2["checkpoint"')) {
      const [, [{ position }]] = JSON.parse(packet.slice(1)) as [string, [{ position: number }]];
      this.announced = position;
    } else if (packet.startsWith('2["session_ended"')) {
      this.#lastWords = packet;
    }
    this.#options.onEvent?.(packet, this);
  }

  #end(reason: string): void {
    const error = new Error(`the connection is over: ${reason} ${this.#lastWords}`);
    for (const waiting of this.#waiting.values()) waiting.fail(error);
    this.#waiting.clear();
    this.#options.onEnd?.(`${reason} ${this.#lastWords}`.trim(), this);
  }
}

/** A question as it travels, but for the number of its answer. */
export function frameOf(name: string, argument: unknown): string {
  return JSON.stringify([name, argument]);
}

/** Takes the place of Socket.IO's parser: what is no matter of the library's is handed to `take` as it came. */
function parserFor(take: (packet: string) => void): object {
  return {
    Encoder: class {
      encode({ type, data }: { readonly type: number; readonly data?: unknown }): string[] {
        return [`${type}${data === undefined ? '' : JSON.stringify(data)}`];
      }
    },
    Decoder: class extends EventEmitter {
      add(packet: string): void {
        if (packet.startsWith(EVENT) || packet.startsWith(ACK)) take(packet);
        else this.emit('decoded', decoded(packet));
      }
      destroy(): void {
        this.removeAllListeners();
      }
    },
  };
}

function decoded(packet: string): { type: number; nsp: string; data?: unknown } {
  const type = Number(packet[0]);
  if (type === DISCONNECT || packet.length === 1) return { type, nsp: '/' };
  return { type, nsp: '/', data: JSON.parse(packet.slice(1)) };
}
