/** What the DMS answers over plain HTTP: whether it lives, and whether it can do its work. Everything else is the socket's. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { adviceFor, type RefusalCode } from '../../shared/errors.ts';
import { PATHS, type Problem } from '../../shared/wire/http-endpoints.ts';

export interface HttpGatewayParts {
  readonly door: { refusalOf(request: IncomingMessage): RefusalCode | undefined };
  /** Why commands would be refused just now; `undefined` if they would not. */
  readonly unreadiness: () => RefusalCode | undefined;
}

type Answer = object | RefusalCode;

const STATUS: { readonly [Code in RefusalCode]?: number } = {
  malformed: 400,
  'not-found': 404,
  'host-not-allowed': 421,
  'origin-not-allowed': 403,
};
/** For everything that ends by itself. */
const UNAVAILABLE = 503;
const READERS: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD']);

/** A request listener for Node's HTTP server. Reads no body, and answers each request at once. */
export function createHttpGateway({ door, unreadiness }: HttpGatewayParts): RequestListener {
  const routes = new Map<string, () => Answer>([
    [PATHS.health, () => ({ status: 'ok' })],
    [PATHS.ready, () => unreadiness() ?? { status: 'ok' }],
  ]);
  return (request, response) => {
    const route = READERS.has(request.method) ? routes.get(pathOf(request)) : undefined;
    send(response, door.refusalOf(request) ?? route?.() ?? 'not-found');
  };
}

/** Answers what is not HTTP, and ends the connection. */
export function refuseBadHttp(_error: Error, socket: Socket): void {
  if (!socket.writable) return;
  const head = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/problem+json';
  socket.end(`${head}\r\n\r\n${JSON.stringify(describeProblem('malformed'))}`);
}

function pathOf({ url = '' }: IncomingMessage): string {
  const [path = ''] = url.split('?', 1);
  return path;
}

function send(response: ServerResponse, answer: Answer): void {
  const problem = typeof answer === 'string' ? describeProblem(answer) : undefined;
  response.writeHead(problem?.status ?? 200, {
    'content-type': problem === undefined ? 'application/json' : 'application/problem+json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(JSON.stringify(problem ?? answer));
}

/** RFC 9457, section 3.1: the type names the kind of problem, and the title says it in words. */
function describeProblem(code: RefusalCode): Problem {
  return { type: `urn:x-gavel:${code}`, title: adviceFor(code), status: STATUS[code] ?? UNAVAILABLE, code };
}
