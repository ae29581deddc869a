/**
 * A connection that costs its client as little as can be: it sends frames that were written beforehand, and looks into what
 * comes only as far as it has to. Announcements are received and not read, but for the checkpoint that ends each tick.
 */
import { EventEmitter } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { socketTrust } from '#platform/socket-trust.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';

/** How an answer is taken: the text of the arguments, an array in JSON. */
type TakeAnswer = (answer: string) => void;

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
  readonly #waiting = new Map<number, TakeAnswer>();
  #next = 0;
  #over: string | undefined;

  private constructor(url: string, root: Certificate, auth: object) {
    this.#socket = io(url, {
      auth,
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      autoConnect: false,
      parser: parserFor((packet) => this.#take(packet)),
      ...socketTrust(url, { root, profile: 'dms-node' }),
    });
  }

  /** Connects. Throws the server's refusal. */
  static async open(url: string, root: Certificate, auth: object): Promise<Wire> {
    const wire = new Wire(url, root, auth);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    wire.#socket.once('connect', resolve).once('connect_error', reject);
    wire.#socket.connect();
    await promise;
    return wire;
  }

  /** Asks, and waits for the answer. */
  async ask(name: string, argument: unknown): Promise<unknown> {
    const answer = await new Promise<string>((resolve) => this.send(frameOf(name, argument), resolve));
    return (JSON.parse(answer) as [unknown])[0];
  }

  /** Sends a frame of `frameOf`. */
  send(frame: string, take: TakeAnswer): void {
    if (this.#over !== undefined || !this.#socket.connected) throw new Error(`a connection is over: ${this.#over}`);
    const id = this.#next;
    this.#next += 1;
    this.#waiting.set(id, take);
    (this.#socket.io.engine as Engine).write(`${EVENT}${id}${frame}`);
  }

  #take(packet: string): void {
    if (packet.startsWith(ACK)) {
      const begin = packet.indexOf('[');
      const id = Number(packet.slice(1, begin));
      const take = this.#waiting.get(id);
      this.#waiting.delete(id);
      take?.(packet.slice(begin));
    } else if (packet.startsWith('2["checkpoint"')) {
      const [, [{ position }]] = JSON.parse(packet.slice(1)) as [string, [{ position: number }]];
      this.announced = position;
    } else if (packet.startsWith('2["session_ended"')) {
      this.#over = packet;
    }
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
