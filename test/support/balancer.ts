/** What stands in front of several nodes: passes TCP connections on, in turn, to those that answer. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class Balancer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #targets: readonly number[] = [];
  #turn = 0;

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
