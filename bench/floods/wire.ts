/** A Socket.IO connection written by hand: its frames are bytes that were made beforehand, so that to send one costs next to nothing. */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { FrameWalker, frameOf } from '../web-socket/frames.ts';
import { upgrade } from '../web-socket/upgrade.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
  /** The root certificate, PEM. */
  readonly ca: string;
  /** Where the connection comes from: any address of 127.0.0.0/8. */
  readonly from: string;
  /** Told of the socket before it is connected: whoever wants to can end it at any moment. */
  readonly onSocket?: (socket: Socket) => void;
}

type Answer = Readonly<Record<string, unknown>>;

/** What has not answered by then counts as not answered. */
const ANSWER_LIMIT_MS = 10_000;
/** A sender's buffer, after which he waits for the other side to read. */
const MAX_UNSENT_BYTES = 262_144;

/** A connection with TLS and nothing said yet. Rejects if it is refused. */
export async function connectTls({ host, port, ca, from, onSocket }: Address): Promise<TLSSocket> {
  const below = connectTcp({ host, port, localAddress: from, noDelay: true }).on('error', () => undefined);
  const socket = connect({ socket: below, ca, servername: 'localhost' });
  // Its end is noticed by who waits for something.
  socket.on('error', () => undefined);
  onSocket?.(socket);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('secureConnect', resolve);
  void closeOf(socket).then(() => reject(new Error('closed')));
  await promise;
  return socket;
}

/** Resolves when the connection is over, for whatever reason. */
export function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

export class Wire {
  /** Resolves when the connection is over. */
  readonly closed: Promise<void>;
  /** Called with what the house says by itself: its name and its text. */
  onEvent: (text: string) => void = () => undefined;
  /** Called with answers to whom nobody waits for any more, or never did. */
  onAnswer: (text: string) => void = () => undefined;
  isOpen = true;
  readonly #socket: TLSSocket;
  readonly #waiting = new Map<number, (answer: Answer | undefined) => void>();
  #opened = Promise.withResolvers<void>();
  #connected = Promise.withResolvers<Answer | undefined>();
  #nextId = 0;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    this.closed = closeOf(socket).then(() => this.#end());
    // Nobody may be waiting for it.
    this.#opened.promise.catch(() => undefined);
  }

  /** Connects, and is a WebSocket when it resolves. Rejects if the house does not want it. */
  static async open(address: Address): Promise<Wire> {
    const socket = await connectTls(address);
    const wire = new Wire(socket);
    const { host, port } = address;
    const walker = new FrameWalker({ wantsText: true, frame: (_, text = '') => wire.#hear(text) });
    await upgrade(socket, `${host}:${port}`, (bytes) => walker.walk(bytes));
    await wire.#opened.promise;
    return wire;
  }

  /** Asks to be let in. `undefined` if the connection ends over it. */
  async enter(auth: object): Promise<Answer | undefined> {
    this.send(frameOf(`40${JSON.stringify(auth)}`));
    return this.#connected.promise;
  }

  /** Sends an event with one argument and waits for the answer; `undefined` if there is none. */
  ask(name: string, argument: unknown): Promise<Answer | undefined> {
    const id = this.reserve();
    const answer = this.answerTo(id);
    this.send(frameOf(`42${id}${JSON.stringify([name, argument])}`));
    return answer;
  }

  /** A number for a frame that is made now and sent later. */
  reserve(): number {
    this.#nextId += 1;
    return this.#nextId;
  }

  answerTo(id: number): Promise<Answer | undefined> {
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
    const limit = setTimeout(() => resolve(undefined), ANSWER_LIMIT_MS);
    this.#waiting.set(id, resolve);
    if (!this.isOpen) resolve(undefined);
    return promise.finally(() => {
      clearTimeout(limit);
      this.#waiting.delete(id);
    });
  }

  /** False if the other side does not read: then nothing was sent. */
  send(frame: Buffer): boolean {
    if (!this.isOpen || this.#socket.writableLength > MAX_UNSENT_BYTES) return false;
    this.#socket.write(frame);
    return true;
  }

  /** Away, without a word. */
  drop(): void {
    this.#socket.destroy();
  }

  #hear(text: string): void {
    if (text.startsWith('0')) this.#opened.resolve();
    else if (text === '2') this.send(frameOf('3'));
    else if (text.startsWith('40')) this.#connected.resolve({ outcome: 'accepted' });
    else if (text.startsWith('44')) this.#connected.resolve(JSON.parse(text.slice(2)).data);
    else if (text.startsWith('43')) this.#answer(text);
    else if (text.startsWith('42')) this.onEvent(text);
  }

  #answer(text: string): void {
    const start = text.indexOf('[');
    const resolve = this.#waiting.get(Number(text.slice(2, start)));
    if (resolve === undefined) this.onAnswer(text);
    else resolve(JSON.parse(text.slice(start))[0]);
  }

  #end(): void {
    this.isOpen = false;
    this.#opened.reject(new Error('closed'));
    this.#connected.resolve(undefined);
    for (const resolve of this.#waiting.values()) resolve(undefined);
  }
}
