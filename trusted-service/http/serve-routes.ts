/** The one door of Express: serves routes, and turns whatever is thrown on the way into one answer. */
import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { ProtocolError } from '../../shared/errors.ts';
import { InvariantViolation } from '../../shared/invariant.ts';
import { answerProblem, refusalOf } from './problem.ts';
import type { Answer, Call, Route } from './route.ts';

export interface WebParts {
  /** Addresses whose `X-Forwarded-For` is believed. */
  readonly proxies?: readonly string[];
  /** Throws for a caller who is not served at all. */
  readonly gatekeeper: (headers: Request['headers']) => void;
  readonly log: Logger;
  /** Told of each refusal that is answered. */
  readonly onRefusal?: ((refusal: ProtocolError) => void) | undefined;
  /** Told when an invariant is broken: the service should not go on. */
  readonly onBug: (error: Error) => void;
}

/** An application of these routes. It does not listen. */
export function serveRoutes(routes: readonly Route[], parts: WebParts): RequestListener {
  const { gatekeeper, log, proxies = [] } = parts;
  const app = express()
    .disable('etag')
    .set('query parser', 'simple')
    .set('trust proxy', [...proxies]);
  // Helmet also takes away the header that says what serves.
  app.use(logAnswers(log), helmet(), ({ headers }, _response, next) => {
    gatekeeper(headers);
    next();
  });
  for (const route of routes) app[route.method]([...route.paths], ...handlersOf(route));
  app.use(() => {
    throw new ProtocolError('not-found');
  });
  return app.use(answerErrors(parts));
}

/** Express hands what a handler throws, and every promise that it rejects, to the error handler. */
function handlersOf({ guard, maxBodyBytes, mediaType, answerError, answer }: Route): RequestHandler[] {
  const handlers: RequestHandler[] = [];
  if (mediaType !== undefined) {
    handlers.push((request, _response, next) => next(request.is(mediaType) === false ? 'route' : undefined));
  }
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
  if (maxBodyBytes !== undefined) {
    // Nobody has a reason to compress a few kilobytes; inflating them would be work for a stranger.
    const limits = { limit: maxBodyBytes, inflate: false };
    handlers.push(
      mediaType === undefined
        ? express.json({ ...limits, type: 'application/json' })
        : express.raw({ ...limits, type: mediaType }),
    );
  }
  handlers.push(async (request, response) => send(response, await answer(callOf(request), request.body)));
  return handlers;
}

function callOf({ path, ip: address, headers, query }: Request): Call {
  return { path, address, headers, query: { ...query } };
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
function logAnswers(log: Logger): RequestHandler {
  return ({ method, path }, response, next) => {
    const began = performance.now();
    response.once('finish', () => {
      const ms = Math.round(performance.now() - began);
      log.debug({ event: 'request', method, path, status: response.statusCode, code: response.locals['code'], ms });
    });
    next();
  };
}
