/** An HTTP server whose every reply the test decides, over TLS or without. */
import { createServer as createHttp, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Issued, TestAuthority } from './test-authority.ts';

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

/** Certificate, chain and key as Node's TLS takes them. */
export function tlsOf(server: Issued, authority: TestAuthority): ServerOptions {
  return {
    cert: server.certificate.pem + authority.issuer.certificate.pem,
    key: server.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  };
}

/** Listens on a free port of `localhost`. */
export async function serve(answer: RequestListener, tls?: ServerOptions): Promise<TestServer> {
  const server = tls === undefined ? createHttp(answer) : createHttps(tls, answer);
  // What a client refuses is for the client to tell.
  server.on('tlsClientError', () => undefined);
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://localhost:${port}`,
    port,
    [Symbol.asyncDispose]: () => close(server),
  };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, 'localhost', resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** A request's body as text. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Answers every request with this value. */
export function json(value: unknown, status = 200): RequestListener {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
}
