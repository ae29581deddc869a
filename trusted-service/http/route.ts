/** What a route is, apart from any web framework: authorities write routes, and one door file serves them. */
import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import { ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import type { LimitName } from './request-limits.ts';

/** A request, without its body. */
export interface Call {
  readonly path: string;
  /** Where it comes from: the other end of the connection, or what a trusted proxy says. */
  readonly address: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly query: Readonly<Record<string, unknown>>;
  /** The one of these media types that the caller likes best; the first where it does not say; none where it wants none. */
  readonly prefers: (types: readonly string[]) => string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** The form of a body. */
export interface Form {
  /** Its media type. */
  readonly type: string;
  /** What it looks like; absent for bytes. */
  readonly schema?: z.ZodType;
}

/** What callers may know of a route. Its description for programs is made of this and of nothing else: web/openapi.ts. */
export interface RouteAbout {
  readonly group: 'Certificates' | 'Access' | 'Time' | 'Disclosure' | 'Operator' | 'Service';
  /** One line. */
  readonly summary: string;
  /** What else there is to know, and where it stands. */
  readonly more?: string;
  /** The bearer token: it must be there, stands in for a proof or is asked for some bodies, or may be one of two. */
  readonly token?: 'operator' | 'operator-sometimes' | 'metrics';
  readonly query?: z.ZodObject;
  readonly body?: Form;
  /** Answers that are no refusal, by status. */
  readonly answers: Readonly<Record<number, readonly Form[]>>;
  /** Why it refuses, beyond the reasons that every route has. */
  readonly refusals: readonly RefusalCode[];
  /** The media type of its own refusals, where they are no problem details. */
  readonly refusalType?: string;
}

export interface Route {
  readonly method: 'get' | 'post';
  /** Its path, and other names of it. */
  readonly paths: readonly string[];
  /** Absent for what belongs to a page: pictures, styles, scripts. */
  readonly about?: RouteAbout;
  /** What its requests are counted as; 'requests' if absent. */
  readonly limit?: LimitName;
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

/** A POST route that takes JSON of one schema and gives JSON of another. */
export function jsonRoute<Body, Reply extends object>(route: {
  readonly path: string;
  readonly maxBodyBytes: number;
  readonly schema: z.ZodType<Body>;
  /** The form of a good answer. */
  readonly reply: z.ZodType<Reply>;
  /** `body` where it is more than `schema` says. */
  readonly about: Omit<RouteAbout, 'answers' | 'body'> & { readonly body?: z.ZodType };
  readonly limit?: LimitName;
  /** The status of a good answer; 200 if absent. */
  readonly status?: number;
  readonly guard?: (call: Call) => void;
  readonly answer: (body: Body, call: Call) => Reply | Promise<Reply>;
}): Route {
  const { path, schema, reply, status = 200, answer, about, ...rest } = route;
  const { body: documented = schema, ...told } = about;
  return {
    method: 'post',
    paths: [path],
    ...rest,
    about: { ...told, body: jsonForm(documented), answers: { [status]: [jsonForm(reply)] } },
    answer: async (call, body) => jsonAnswer(await answer(parseWith(schema, body), call), status),
  };
}

/** JSON of this schema. */
export function jsonForm(schema: z.ZodType): Form {
  return { type: 'application/json', schema };
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
