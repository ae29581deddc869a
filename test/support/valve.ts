/** A way to a server that can be shut, as a suspended laptop shuts it: what the server sends is not read any more. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Valve {
  /** Where the server is reached through it. */
  readonly url: string;
  shut(): void;
  open(): void;
  remove(): void;
}

/** For one connection to a server without TLS. */
export async function openValve(url: string): Promise<Valve> {
  const { hostname, port } = new URL(url);
  const pipes: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    near.pipe(far);
    far.pipe(near);
    pipes.push(far, near);
    for (const end of [near, far]) end.on('error', () => end.destroy());
  });
  server.listen(0, hostname);
  await once(server, 'listening');
  return {
    url: `http://${hostname}:${(server.address() as AddressInfo).port}`,
    shut: () => void pipes[0]!.unpipe().pause(),
    open: () => void pipes[0]!.pipe(pipes[1]!),
    remove: () => {
      for (const end of pipes) end.destroy();
      server.close();
    },
  };
}
