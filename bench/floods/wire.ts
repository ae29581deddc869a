/** A Socket.IO connection written by hand: its frames are bytes that were made beforehand, so that to send one costs next to nothing. */
import { randomBytes } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';

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
const TEXT_FRAME = 0x81;
const MASKED = 0x80;
const [LONG, VERY_LONG] = [126, 127];

/** A text as a frame of a client (RFC 6455 section 5.2). Its mask is zero, so that the bytes are those of the text. */
export function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const isShort = payload.length < LONG;
  const head = Buffer.alloc(isShort ? 6 : 8);
  head[0] = TEXT_FRAME;
  head[1] = MASKED | (isShort ? payload.length : LONG);
  if (!isShort) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

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
  #unread: Buffer = Buffer.alloc(0);
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
    const lines = [
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
      `Host: ${host}:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ];
    const upgraded = wire.#upgraded();
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    await upgraded;
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

  async #upgraded(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const read = (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      this.#socket.off('data', read);
      if (!text.startsWith('HTTP/1.1 101') || end < 0) {
        this.#socket.destroy();
        reject(new Error(text.slice(0, 40)));
        return;
      }
      this.#socket.on('data', (more: Buffer) => this.#take(more));
      this.#take(chunk.subarray(end + 4));
      resolve();
    };
    this.#socket.on('data', read);
    void this.closed.then(() => reject(new Error('closed')));
    return promise;
  }

  #take(chunk: Buffer): void {
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    for (;;) {
      const payload = this.#nextPayload();
      if (payload === undefined) return;
      this.#hear(payload);
    }
  }

  /** Takes one frame off what is unread, if it is there as a whole. Frames of a server have no mask. */
  #nextPayload(): string | undefined {
    const bytes = this.#unread;
    if (bytes.length < 2) return undefined;
    const code = (bytes[1] as number) & ~MASKED;
    const head = code === VERY_LONG ? 10 : code === LONG ? 4 : 2;
    if (bytes.length < head) return undefined;
    const length = code === VERY_LONG ? Number(bytes.readBigUInt64BE(2)) : code === LONG ? bytes.readUInt16BE(2) : code;
    if (bytes.length < head + length) return undefined;
    this.#unread = bytes.subarray(head + length);
    return (bytes[0] as number) === TEXT_FRAME ? bytes.toString('utf8', head, head + length) : '';
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
