/** The one door of Express: serves routes, and turns whatever is thrown on the way into one answer. */
import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import helmet, { type HelmetOptions } from 'helmet';
import type { Logger } from 'pino';
import { ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import { InvariantViolation } from '../../shared/invariant.ts';
import { parseStrictJson } from '../../shared/strict-json.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { answerProblem, refusalOf } from './problem.ts';
import type { LimitName, RequestLimits } from './request-limits.ts';
import type { Answer, Call, Route } from './route.ts';

export interface WebParts {
  /** Addresses whose `X-Forwarded-For` is believed. */
  readonly proxies?: readonly string[];
  /** Throws for a caller who is not served at all. */
  readonly gatekeeper: (headers: Request['headers']) => void;
  /** How many requests an address has; without it there is no limit. */
  readonly limits?: RequestLimits;
  /** Where answers are counted. */
  readonly metrics?: Metrics;
  readonly log: Logger;
  /** Told of each refusal that is answered. */
  readonly onRefusal?: ((refusal: ProtocolError) => void) | undefined;
  /** Told when an invariant is broken: the service should not go on. */
  readonly onBug: (error: Error) => void;
}

/**
 * An answer loads nothing and is framed by nobody; a page that needs more says so itself. Other names below ours may be
 * somebody else's, and speak as they like.
 */
const HEADERS = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  frameguard: { action: 'deny' },
  strictTransportSecurity: { includeSubDomains: false },
} as const satisfies HelmetOptions;

/** An application of these routes. It does not listen. */
export function serveRoutes(routes: readonly Route[], parts: WebParts): RequestListener {
  const { gatekeeper, limits, proxies = [] } = parts;
  const app = express()
    .disable('etag')
    .set('query parser', 'simple')
    .set('trust proxy', [...proxies]);
  // Helmet also takes away the header that says what serves.
  app.use(tellOfAnswers(parts), helmet(HEADERS), ({ headers }, _response, next) => {
    gatekeeper(headers);
    next();
  });
  for (const route of routes) app[route.method]([...route.paths], ...handlersOf(route, limits));
  app.use(countRequest('requests', limits), () => {
    throw new ProtocolError('not-found');
  });
  return app.use(answerErrors(parts));
}

/** Express hands what a handler throws, and every promise that it rejects, to the error handler. */
function handlersOf(route: Route, limits: RequestLimits | undefined): RequestHandler[] {
  const { paths, guard, maxBodyBytes, mediaType, answerError, answer, limit = 'requests' } = route;
  const handlers: RequestHandler[] = [];
  if (mediaType !== undefined) {
    handlers.push((request, _response, next) => next(request.is(mediaType) === false ? 'route' : undefined));
  }
  handlers.push((_request, response, next) => {
    response.locals['route'] = paths[0];
    next();
  });
  handlers.push(countRequest(limit, limits));
  if (answerError !== undefined) {
    handlers.push((_request, response, next) => {
      response.locals['answerError'] = answerError;
      next();
    });
  }
  if (guard !== undefined) {
    handlers.push((request, _response, next) => {
      guard(callOf(request));
      next();
    });
  }
  if (maxBodyBytes !== undefined) handlers.push(bodyReader(maxBodyBytes, mediaType));
  handlers.push(async (request, response) => send(response, await answer(callOf(request), request.body)));
  return handlers;
}

/** Tells the caller what is left to it, and throws where nothing is. */
function countRequest(name: LimitName, limits: RequestLimits | undefined): RequestHandler {
  return ({ ip }, response, next) => {
    const taken = limits?.take(name, ip);
    if (taken !== undefined) response.set(taken.headers);
    next(taken?.refusal);
  };
}

function bodyReader(limit: number, mediaType: string | undefined): RequestHandler {
  // Nobody has a reason to compress a few kilobytes; inflating them would be work for a stranger.
  const limits = { limit, inflate: false };
  if (mediaType !== undefined) return express.raw({ ...limits, type: mediaType });
  // What two programs could read in two ways is refused before any schema: Express's own reader lets it pass.
  return express.json({
    ...limits,
    type: 'application/json',
    verify: (_request, _response, body) => demandStrict(body),
  });
}

function demandStrict(body: Buffer): void {
  parseStrictJson(body);
}

function callOf(request: Request): Call {
  const { path, ip: address, headers, query } = request;
  const prefers = (types: readonly string[]) => request.accepts([...types]) || undefined;
  return { path, address, headers, query: { ...query }, prefers };
}

/** Express answers 304 by itself where the answer's entity tag is still the reader's (RFC 9110 section 13.1.2). */
function send(response: Response, { status, headers, body }: Answer): void {
  response
    .status(status)
    .set({ ...headers })
    .send(typeof body === 'string' ? body : Buffer.from(body));
}

function answerErrors({ log, onBug, onRefusal }: WebParts): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, _request, response, next) => {
    const refusal = refusalOf(error);
    if (refusal === undefined) log.error({ err: error }, 'a request failed by a mistake of ours');
    else onRefusal?.(refusal);
    response.locals['code'] = refusal?.code ?? 'internal';
    // Half of an answer is out: all that can still be said is that it is not whole.
    if (response.headersSent) next(error);
    else send(response, answererOf(response)(error));
    if (error instanceof InvariantViolation) onBug(error);
  };
}

/** How the route that was under way says no. */
function answererOf({ locals }: Response): (error: unknown) => Answer {
  const { answerError }: { answerError?: (error: unknown) => Answer } = locals;
  return answerError ?? answerProblem;
}

/** One line per answer. Method, path, status and code alone: no address, header, query or body of anybody. */
function tellOfAnswers({ log, metrics }: WebParts): RequestHandler {
  return ({ method, path }, response, next) => {
    const began = performance.now();
    response.once('finish', () => {
      const { code, route = 'other' }: { code?: RefusalCode; route?: string } = response.locals;
      const { statusCode: status } = response;
      const ms = performance.now() - began;
      metrics?.answered({ route, method, status, code, seconds: ms / 1_000 });
      log.debug({ event: 'request', method, path, status, code, ms: Math.round(ms) });
    });
    next();
  };
}
