/** The server that both gateways share: TLS 1.3 with the node's certificate, and limits for those who dawdle. */
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { StartError } from '../shared/start-error.ts';
import type { DmsConfig } from './config.ts';
import type { Arrival } from './gateway/arrivals.ts';
import { refuseBadHttp } from './gateway/http-gateway.ts';

/** A sender who has not finished one small request by then never will. It ends with the upgrade to a WebSocket. */
const REQUEST_LIMIT_MS = 10_000;
/** A TLS handshake takes two round trips. */
const TLS_HANDSHAKE_LIMIT_MS = 10_000;
/** The one protocol that is spoken here (RFC 7301). */
const PROTOCOL = 'http/1.1';
const LIMITS = { requestTimeout: REQUEST_LIMIT_MS, headersTimeout: REQUEST_LIMIT_MS, keepAliveTimeout: 5_000 };

export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
}

export type WebServer = HttpServer | HttpsServer;

/** A server that does not listen yet. Without `tls` a proxy in front has to provide it. */
export function createWebServer(tls: TlsIdentity | undefined, listener: RequestListener): WebServer {
  const server =
    tls === undefined
      ? createHttpServer(LIMITS, listener)
      : createHttpsServer(
          {
            ...{ ...LIMITS, ...tls, minVersion: 'TLSv1.3', handshakeTimeout: TLS_HANDSHAKE_LIMIT_MS },
            // A list in its place is copied for each connection, into shared pages that then stay: five kilobytes for each.
            ALPNCallback: ({ protocols }) => protocols.find((protocol) => protocol === PROTOCOL),
          },
          listener,
        );
  return server.on('clientError', refuseBadHttp);
}

/** Hands every connection to `arrive` before anything is done for it: the server learns of it when it begins. */
export function announceArrivals(server: WebServer, arrive: (socket: Socket, arrival: Arrival) => void): void {
  const listeners = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    // It may be broken off while it waits.
    const ignored = () => undefined;
    socket.on('error', ignored);
    const begin = () => {
      socket.off('error', ignored);
      for (const listener of listeners) listener.call(server, socket);
    };
    arrive(socket, {
      get isOver() {
        return socket.destroyed;
      },
      begin,
      end: () => socket.destroy(),
    });
  });
}

/** From the next handshake on the server shows this certificate. Connections that are open stay so. */
export function showCertificate(server: WebServer, tls: TlsIdentity): void {
  if ('setSecureContext' in server) server.setSecureContext({ ...tls, minVersion: 'TLSv1.3' });
}

/** Listens, and returns the address to use: that which it listens on, if it goes by that name too. Throws `StartError`. */
export async function listen(server: WebServer, { bind, port, hosts, tls }: DmsConfig): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, bind, resolve);
  await promise.catch((cause: Error) => {
    throw new StartError(`The DMS can not listen on ${bind}, port ${port}: ${cause.message}. Choose another port.`, {
      cause,
    });
  });
  server.off('error', reject);
  const host = hosts.includes(bind) ? bind : (hosts[0] ?? bind);
  const address = server.address() as AddressInfo;
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
