/** Starts the Trusted Service: listens, keeps itself fresh by a timer, and ends without cutting anybody off. */
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import closeWithGrace from 'close-with-grace';
import envPaths from 'env-paths';
import { type Logger, pino } from 'pino';
import { ProtocolError } from '../shared/errors.ts';
import { StartError } from '../shared/start-error.ts';
import { type Clock, systemClock } from '../shared/time/clock.ts';
import { parseConfig, showConfig, type TrustedServiceConfig } from './config.ts';
import { isStopCode } from './guard/stop-book.ts';
import { ConnectionLimits } from './http/connection-limits.ts';
import { describeProblem } from './http/problem.ts';
import { createServiceLog } from './service-log.ts';
import { loadTrustedService, type TrustedService } from './trusted-service.ts';

/** How often certificates are looked at: they are reissued days before their end. */
const MAINTENANCE_MS = 10 * 60_000;
/** How often keys are looked at whose turn may have come. */
const ROTATION_MS = 1_000;
/** How long requests that are under way may take when the service ends. */
const CLOSING_LIMIT_MS = 10_000;
/** How often connections that became idle are looked for when the service ends. */
const IDLE_CHECK_MS = 20;
/** A sender that has not finished its few kilobytes by then never will. */
const REQUEST_LIMIT_MS = 10_000;
/** Callers keep their connection between requests: the DMS asks every second. */
const KEEP_ALIVE_MS = 30_000;
/** A TLS handshake takes two round trips. */
const TLS_HANDSHAKE_LIMIT_MS = 10_000;
const STDERR = 2;
/** What the shell is told about a configuration that is not right, where it was asked about nothing else. */
const WRONG_CONFIG = 2;

/** A service that listens. */
export interface ServedTrustedService {
  readonly url: string;
  readonly rootPem: string;
  /** `sha256:` and hexadecimal. */
  readonly rootFingerprint: string;
  readonly rootFile: string;
  readonly operatorToken: string;
  /** Does at once what timers do: rotates keys and renews certificates that are due. */
  maintain(): Promise<void>;
  /** Takes no new requests, answers those that it has, and lets go of its state. A second call waits for the first. */
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly log: Logger;
  readonly machine?: Clock;
  readonly onBug?: (error: Error) => void;
  /** How long a key is published before it is used; ten minutes if absent. */
  readonly publicationMs?: number;
  /** Connections in all; `MAX_CONNECTIONS` if absent. */
  readonly maxConnections?: number | undefined;
}

/** The program: runs until a signal ends it. Settings are those of config.ts; what is wrong with them is logged. */
export async function main(
  options: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const log = createServiceLog(pino.destination({ dest: STDERR, sync: true }));
  const checkOnly = options['checkConfig'] === true;
  try {
    const config = parseConfig(options, env, envPaths('gavel', { suffix: '' }).data);
    const shown = showConfig(config);
    if (checkOnly) {
      process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
      return;
    }
    log.info({ event: 'configuration', configuration: shown });
    // A file that may not grow (ulimit -f) is a write that fails, which the service survives.
    process.on('SIGXFSZ', () => {});
    const service = await serveTrustedService(config, { log, onBug: stopOnBug });
    endOnSignal(service, log);
    const { url, rootFingerprint, rootFile } = service;
    const ready = { listening: url, root: rootFingerprint, rootFile, clock: config.clock };
    process.stdout.write(`${JSON.stringify(ready)}\n`);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    log.fatal({ event: 'not-started' }, error.message);
    process.exitCode = checkOnly ? WRONG_CONFIG : 1;
  }
}

/** Loads the service and listens. Throws `StartError`. */
export async function serveTrustedService(
  config: TrustedServiceConfig,
  { log, machine = systemClock, onBug = () => {}, publicationMs, maxConnections }: ServeOptions,
): Promise<ServedTrustedService> {
  const service = await loadTrustedService(config, { machine, log, onBug, publicationMs });
  const server = createServer(service, config.tls);
  const connections = new ConnectionLimits(config.proxies, maxConnections);
  server.on('connection', (socket) => {
    if (!connections.enter(socket)) socket.destroy();
  });
  const maintenance = setInterval(() => {
    // What could not be renewed now is tried again by the next turn, days before it is needed.
    service.upkeep.maintain().catch((error: unknown) => log.error({ err: error }, 'maintenance failed'));
  }, MAINTENANCE_MS);
  maintenance.unref();
  service.watch.start();
  const rotation = repeatRotation(service, log);
  const end = async () => {
    clearInterval(maintenance);
    clearInterval(rotation);
    service.watch.stop();
    service.retire();
    await closeServer(server);
    await service.rotation.rest();
    service.close();
  };
  let ending: Promise<void> | undefined;
  const close = () => {
    ending ??= end();
    return ending;
  };
  try {
    await listen(server, config);
  } catch (error) {
    await close();
    throw error;
  }
  const url = urlOf(server, config);
  if (!config.tls) log.warn({ event: 'tls-off' }, 'TLS is off: a proxy in front has to provide it');
  log.info({ event: 'listening', url, clock: config.clock, root: service.rootFingerprint, hosts: config.hosts });
  const { rootPem, rootFingerprint, rootFile, operatorToken } = service;
  const maintain = async () => {
    await service.rotation.advance();
    await service.upkeep.maintain();
  };
  return { url, rootPem, rootFingerprint, rootFile, operatorToken, maintain, close };
}

function repeatRotation({ rotation }: TrustedService, log: Logger): NodeJS.Timeout {
  let last = '';
  const timer = setInterval(() => {
    rotation.advance().then(
      () => {
        last = '';
      },
      (error: unknown) => {
        // Tried again by the next turn; the same trouble is told once, and what stops us by the watch.
        if (error instanceof ProtocolError && isStopCode(error.code)) return;
        if (String(error) !== last) log.error({ err: error }, 'rotation failed');
        last = String(error);
      },
    );
  }, ROTATION_MS);
  return timer.unref();
}

/** The server of an application, with its limits. It does not listen. */
export function createServer(service: TrustedService, tls: boolean): Server | HttpsServer {
  const limits = {
    requestTimeout: REQUEST_LIMIT_MS,
    headersTimeout: REQUEST_LIMIT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  if (!tls) return createHttpServer(limits, service.app).on('clientError', refuseBadHttp);
  const tlsLimits = { ...limits, handshakeTimeout: TLS_HANDSHAKE_LIMIT_MS, minVersion: 'TLSv1.3' } as const;
  const server = createHttpsServer({ ...tlsLimits, ...service.tlsIdentity() }, service.app);
  // Connections that are open stay so; the next handshake shows the new certificate.
  service.upkeep.onTlsChange = (identity) => server.setSecureContext({ ...identity, minVersion: 'TLSv1.3' });
  return server.on('clientError', refuseBadHttp);
}

/** What is not HTTP never reaches the application, but is answered like everything else. */
function refuseBadHttp(_error: Error, socket: Socket): void {
  if (!socket.writable) return;
  const problem = describeProblem('malformed');
  const head = `HTTP/1.1 ${problem.status} Bad Request\r\nConnection: close\r\nContent-Type: application/problem+json`;
  socket.end(`${head}\r\n\r\n${JSON.stringify(problem)}`);
}

function listen(server: Server, { port, bind }: TrustedServiceConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `The Trusted Service can not listen on ${bind}, port ${port}: ${cause.message}. Choose another port.`;
      reject(new StartError(message, { cause }));
    });
    server.listen(port, bind, resolve);
  });
}

/** The address to use: that which it listens on, if it goes by that name too. */
function urlOf(server: Server, { bind, hosts, tls }: TrustedServiceConfig): string {
  const { port } = server.address() as AddressInfo;
  const host = hosts.includes(bind) ? bind : (hosts[0] ?? bind);
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // A connection that is kept alive becomes idle when its last answer is out.
    const idleCheck = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
    server.close(() => {
      clearInterval(idleCheck);
      resolve();
    });
  });
}

/** Requests are finished first. A second signal, or a mistake while ending, ends at once. */
function endOnSignal(service: ServedTrustedService, log: Logger): void {
  closeWithGrace({ delay: CLOSING_LIMIT_MS, logger: false }, async ({ err, signal }) => {
    if (err !== undefined) log.fatal({ err }, 'the service ends after a mistake of its own');
    else log.info({ event: 'ending', signal });
    await service.close();
    log.info({ event: 'ended' });
  });
}

/** A broken invariant is no request's error: the process ends, and is started anew by whoever watches over it. */
function stopOnBug(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}
