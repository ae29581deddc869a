/** What stands in front of several nodes: passes TCP connections on, in turn, to those that answer. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A sealed command is longer than this, and nothing else that a client sends to a DMS is. */
const LONG_BYTES = 1_500;

export class Balancer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #targets: readonly number[] = [];
  #turn = 0;
  #onLong: ((client: Socket, node: Socket) => void) | undefined;

  private constructor() {
    this.#server = createServer({ pauseOnConnect: true }, (client) => this.#pass(client));
  }

  static async start(...targets: readonly number[]): Promise<Balancer> {
    const balancer = new Balancer();
    balancer.#targets = targets;
    balancer.#server.listen(0, '127.0.0.1');
    await once(balancer.#server, 'listening');
    return balancer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** New connections go to these; those that are open stay where they are. */
  point(...targets: readonly number[]): void {
    this.#targets = targets;
  }

  /**
   * The next long message of a client is the last that gets through on its connection, or the first that does not; its
   * answer never comes. Resolves when that happens.
   */
  swallow(what: 'answer' | 'message'): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onLong = (client, node) => {
      node.unpipe(client);
      node.resume();
      if (what === 'message') {
        // The pipe still writes this message, and its end would let it through.
        node.cork();
        client.unpipe(node);
        client.resume();
      }
      this.#onLong = undefined;
      resolve();
    };
    return promise;
  }

  /** Ends every connection that is open. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.cut();
    await once(this.#server, 'close');
  }

  #pass(client: Socket): void {
    this.#turn += 1;
    const order = this.#targets.map((_, index) => this.#targets[(this.#turn + index) % this.#targets.length]);
    this.#keep(client);
    this.#connect(
      client,
      order.filter((port) => port !== undefined),
    );
  }

  #connect(client: Socket, [port, ...others]: readonly number[]): void {
    if (port === undefined) {
      client.destroy();
      return;
    }
    const node = connect(port, '127.0.0.1');
    const next = () => this.#connect(client, others);
    node.once('error', next);
    node.once('connect', () => {
      node.off('error', next);
      this.#keep(node);
      // Heard before the pipe passes it on.
      client.on('data', (chunk) => {
        if (chunk.length >= LONG_BYTES) this.#onLong?.(client, node);
      });
      client.pipe(node).pipe(client);
      client.once('close', () => node.destroy());
      node.once('close', () => client.destroy());
      client.resume();
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    // A connection that breaks is closed, and that is all there is to say about it here.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
