/** What a route is, apart from any web framework: authorities write routes, and one door file serves them. */
import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import { ProtocolError } from '../../shared/errors.ts';

/** A request, without its body. */
export interface Call {
  readonly path: string;
  /** Where it comes from: the other end of the connection, or what a trusted proxy says. */
  readonly address: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly query: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export interface Route {
  readonly method: 'get' | 'post';
  /** Its path, and other names of it. */
  readonly paths: readonly string[];
  /** Throws what is refused before the body is read. */
  readonly guard?: (call: Call) => void;
  /** The longest body, in bytes; without it a body is not read at all. */
  readonly maxBodyBytes?: number;
  /** The media type that this route is for, read as bytes; others go to the next route of the path. JSON if absent. */
  readonly mediaType?: string;
  /** How this route answers what was thrown, where that is not as problem details. */
  readonly answerError?: (error: unknown) => Answer;
  /** Answers, or throws what is refused. */
  readonly answer: (call: Call, body: unknown) => Answer | Promise<Answer>;
}

/** A POST route that takes JSON of one schema and gives JSON. */
export function jsonRoute<Body>(route: {
  readonly path: string;
  readonly maxBodyBytes: number;
  readonly schema: z.ZodType<Body>;
  /** The status of a good answer; 200 if absent. */
  readonly status?: number;
  readonly guard?: (call: Call) => void;
  readonly answer: (body: Body, call: Call) => object | Promise<object>;
}): Route {
  const { path, schema, status, answer, ...rest } = route;
  return {
    method: 'post',
    paths: [path],
    ...rest,
    answer: async (call, body) => jsonAnswer(await answer(parseWith(schema, body), call), status),
  };
}

/** JSON that nobody may keep. */
export function jsonAnswer(content: object, status = 200): Answer {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  return { status, headers, body: JSON.stringify(content) };
}

/** Reads what came over the network. Throws 'malformed' with the names of the fields, never with their values. */
export function parseWith<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = new Set(parsed.error.issues.map((issue) => issue.path.join('.') || '(whole)'));
  throw new ProtocolError('malformed', [...fields].join(', '));
}
