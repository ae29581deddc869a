/** What the DMS answers over plain HTTP: whether it lives, whether it can do its work, and the public log. The rest is the socket's. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { sha256 } from '../../shared/crypto/digest.ts';
import { adviceFor, ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import { type AboutHouseAnswer, HOUSE_PATHS } from '../../shared/wire/about-house.ts';
import { PATHS, type Problem } from '../../shared/wire/http-endpoints.ts';
import type { Log } from '../log.ts';
import type { LogAnswer, LogRoute } from './log-routes.ts';

export interface HttpGatewayParts {
  readonly door: { refusalOf(request: IncomingMessage): RefusalCode | undefined };
  /** Why commands would be refused just now; `undefined` if they would not. */
  readonly unreadiness: () => RefusalCode | undefined;
  readonly logRoutes: ReadonlyMap<string, LogRoute>;
  readonly about: Pick<AboutHouseAnswer, 'house' | 'authority' | 'trustedService'>;
  readonly log: Log;
}

/** What is answered, by whom it may be kept, and how long. */
type Answer = { readonly body: object; readonly caching: string } | RefusalCode;
type Route = (query: URLSearchParams) => Promise<Answer> | Answer;

const STATUS: { readonly [Code in RefusalCode]?: number } = {
  malformed: 400,
  'not-found': 404,
  'log-too-short': 404,
  internal: 500,
  'host-not-allowed': 421,
  'origin-not-allowed': 403,
};
/** For everything that ends by itself. */
const UNAVAILABLE = 503;
const READERS: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD']);

const NAME = 'Gavel: the DMS';
const WHAT = 'An auction house: it takes signed bids, closes lots by signed time, and does not know who anybody is.';

const NOT_KEPT = 'no-store';
/** To be asked for again each time, which costs little while it is the same. */
const ASKED_AGAIN = 'no-cache';
/** A part of the log that is finished is finished for ever. */
const KEPT_FOR_EVER = 'public, max-age=31536000, immutable';

/** A request listener for Node's HTTP server. Reads no body. */
export function createHttpGateway({ door, unreadiness, logRoutes, about, log }: HttpGatewayParts): RequestListener {
  const answer: AboutHouseAnswer = { name: NAME, what: WHAT, ...about };
  const routes = new Map<string, Route>([
    [HOUSE_PATHS.about, () => ({ body: answer, caching: ASKED_AGAIN })],
    [PATHS.health, () => ({ body: { status: 'ok' }, caching: NOT_KEPT })],
    [PATHS.ready, () => unreadiness() ?? { body: { status: 'ok' }, caching: NOT_KEPT }],
    ...Array.from(logRoutes, ([path, route]): [string, Route] => [path, async (query) => kept(await route(query))]),
  ]);
  return async (request, response) => {
    const { path, query } = targetOf(request);
    const route = READERS.has(request.method) ? routes.get(path) : undefined;
    const refusal = door.refusalOf(request) ?? (route === undefined ? 'not-found' : undefined);
    send(request, response, refusal ?? (await answerOf(route, query, log)));
  };
}

function kept({ body, isFinal }: LogAnswer): Answer {
  return { body, caching: isFinal ? KEPT_FOR_EVER : ASKED_AGAIN };
}

async function answerOf(route: Route | undefined, query: URLSearchParams, log: Log): Promise<Answer> {
  try {
    return (await route?.(query)) ?? 'not-found';
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    // The node notices by itself when its journal fails; here one reader gets no answer.
    log.error({ err: error }, 'a request over HTTP failed by a mistake of ours');
    return 'internal';
  }
}

/** Answers what is not HTTP, and ends the connection. */
export function refuseBadHttp(_error: Error, socket: Socket): void {
  if (!socket.writable) return;
  const head = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/problem+json';
  socket.end(`${head}\r\n\r\n${JSON.stringify(describeProblem('malformed'))}`);
}

function targetOf({ url = '' }: IncomingMessage): { readonly path: string; readonly query: URLSearchParams } {
  const [path = '', ...rest] = url.split('?');
  return { path, query: new URLSearchParams(rest.join('?')) };
}

function send({ headers }: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const problem = typeof answer === 'string' ? describeProblem(answer) : undefined;
  const body = JSON.stringify(typeof answer === 'string' ? problem : answer.body);
  const caching = typeof answer === 'string' ? NOT_KEPT : answer.caching;
  const tag = caching === NOT_KEPT ? undefined : `"${encodeBase64url(sha256(utf8.encode(body)))}"`;
  const isSame = tag !== undefined && headers['if-none-match'] === tag;
  response.writeHead(isSame ? 304 : (problem?.status ?? 200), {
    ...(isSame ? {} : { 'content-type': problem === undefined ? 'application/json' : 'application/problem+json' }),
    'cache-control': caching,
    'x-content-type-options': 'nosniff',
    ...(tag === undefined ? {} : { etag: tag }),
  });
  response.end(isSame ? undefined : body);
}

/** RFC 9457, section 3.1: the type names the kind of problem, and the title says it in words. */
function describeProblem(code: RefusalCode): Problem {
  return { type: `urn:x-gavel:${code}`, title: adviceFor(code), status: STATUS[code] ?? UNAVAILABLE, code };
}
