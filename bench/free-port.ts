/** A port of this machine on which nobody listens, for a process that has to be told one. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Free just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, 'close');
  return port;
}
