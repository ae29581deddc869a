/** A line between a client and a server that can be cut, or lose everything that the server says. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class BadLine {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** While true, what the server says is lost; what the client says arrives. */
  isMute = false;
  /** While true, nobody gets through. */
  isCut = false;

  private constructor(target: { readonly port: number }) {
    this.#server = createServer((near) => {
      if (this.isCut) {
        near.destroy();
        return;
      }
      const far = connect(target.port, '127.0.0.1');
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        // Either end may go at any time: that is what the line is for.
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.on('data', (bytes) => far.write(bytes));
      far.on('data', (bytes) => {
        if (!this.isMute) near.write(bytes);
      });
    });
  }

  /** A line to a server of this machine. */
  static async to(url: string): Promise<BadLine> {
    const line = new BadLine({ port: Number(new URL(url).port) });
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  /** The address of this end. */
  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends all connections; with `isCut` no new one comes through either. */
  cut(): void {
    for (const socket of [...this.#sockets]) socket.destroy();
  }

  async close(): Promise<void> {
    this.isCut = true;
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
