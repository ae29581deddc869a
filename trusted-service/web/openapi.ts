/** The description of all routes for programs (OpenAPI 3.1), made of what the routes themselves check with. */
import { z } from 'zod';
import { adviceFor, type RefusalCode } from '../../shared/errors.ts';
import * as endpoints from '../../shared/wire/http-endpoints.ts';
import * as rotation from '../../shared/wire/key-rotation.ts';
import * as log from '../../shared/wire/log.ts';
import * as tokens from '../../shared/wire/timestamp-token.ts';
import * as vocabulary from '../../shared/wire/vocabulary.ts';
import type { Form, Route, RouteAbout } from '../http/route.ts';
import { statusOf, TOO_MANY_REQUESTS } from '../http/status-codes.ts';

const PROBLEM = 'application/problem+json';
const SCHEMAS = '#/components/schemas/';

/** Every route may refuse for these reasons. */
const ALWAYS: readonly RefusalCode[] = [
  'host-not-allowed',
  'origin-not-allowed',
  'too-many-requests',
  'shutting-down',
  'internal',
];
/** Whoever sends a body may also meet these. */
const WITH_BODY: readonly RefusalCode[] = ['malformed', 'frame-too-large'];

type Json = Record<string, unknown>;

/** An OpenAPI document, as JSON. */
export function describeApi(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const { method, paths: names, about, maxBodyBytes } of routes) {
    if (about === undefined) continue;
    names.forEach((path, index) => {
      const operation = describeOperation(about, `${method} ${path}`, maxBodyBytes);
      const former = paths[path]?.[method];
      const whole = former === undefined ? operation : bothOf(operation, former);
      paths[path] = { ...paths[path], [method]: index === 0 ? whole : { ...whole, deprecated: true } };
    });
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Gavel: the Trusted Service',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'Certificates, access tokens, signed time and disclosure. docs/PROTOCOL.md says what the values mean.',
    },
    servers: [{ url: '/' }],
    paths,
    components: { schemas: schemasIn(paths), securitySchemes: SECURITY },
  };
}

const SECURITY = {
  operator: { type: 'http', scheme: 'bearer', description: "The operator's token." },
  metrics: { type: 'http', scheme: 'bearer', description: 'The metrics token, or the operator’s.' },
};
/** An empty requirement: it also goes without (OpenAPI 3.1, section 4.8.30). */
const REQUIREMENTS = {
  operator: [{ operator: [] }],
  'operator-sometimes': [{ operator: [] }, {}],
  metrics: [{ metrics: [] }, { operator: [] }, {}],
} as const;

function describeOperation(about: RouteAbout, name: string, maxBodyBytes: number | undefined): Json {
  const { group, summary, more, token, query, body } = about;
  return {
    operationId: name.replace(/[^a-z0-9]+/gi, '-').replace(/-$/, ''),
    tags: [group],
    summary,
    ...(more === undefined ? {} : { description: more }),
    ...(token === undefined ? {} : { security: REQUIREMENTS[token] }),
    ...(query === undefined ? {} : { parameters: parametersOf(query) }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            description: `At most ${maxBodyBytes} bytes of ${body.type}.`,
            content: contentOf([body]),
          },
        }),
    responses: { ...answersOf(about), ...refusalsOf(about) },
  };
}

/** Two media types of one route are one operation; its words are those of the later route. */
function bothOf(later: Json, former: Json): Json {
  const [body, formerBody] = [later['requestBody'] as Json, former['requestBody'] as Json];
  const [responses, formerResponses] = [later['responses'] as Record<string, Json>, former['responses'] as Json];
  return {
    ...later,
    requestBody: {
      required: true,
      description: `${formerBody['description']} ${body['description']}`,
      content: { ...(formerBody['content'] as Json), ...(body['content'] as Json) },
    },
    responses: Object.fromEntries(
      Object.entries({ ...formerResponses, ...responses }).map(([status, response]) => {
        const content = { ...contentIn(formerResponses[status]), ...contentIn(responses[status]) };
        return [status, { ...(response as Json), content }];
      }),
    ),
  };
}

function contentIn(response: unknown): Json {
  return ((response as Json | undefined)?.['content'] ?? {}) as Json;
}

function parametersOf(query: z.ZodObject): Json[] {
  return Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: 'query',
    required: !schema.safeParse(undefined).success,
    schema: schemaOf((schema instanceof z.ZodOptional ? schema.unwrap() : schema) as z.ZodType),
  }));
}

function answersOf({ answers }: RouteAbout): Json {
  return Object.fromEntries(
    Object.entries(answers).map(([status, forms]) => [
      status,
      {
        description: status === '304' ? 'What the caller has is still current.' : 'Done.',
        headers: LIMIT_HEADERS,
        ...(forms.length === 0 ? {} : { content: contentOf(forms) }),
      },
    ]),
  );
}

const LIMIT_HEADERS = {
  RateLimit: { description: 'What is left of the limit that this request counts for.', schema: { type: 'string' } },
  'RateLimit-Policy': { description: 'That limit.', schema: { type: 'string' } },
};

/** Refusals by status. Each names its codes: a program can know beforehand what it may be told. */
function refusalsOf({ refusals, body, token, refusalType }: RouteAbout): Json {
  const codes = new Set([
    ...refusals,
    ...ALWAYS,
    ...(body === undefined ? [] : WITH_BODY),
    ...(token === undefined ? [] : (['operator-token-required'] as const)),
  ]);
  const byStatus = new Map<number, RefusalCode[]>([[TOO_MANY_REQUESTS, ['too-many-requests']]]);
  for (const code of codes) byStatus.set(statusOf(code), [...(byStatus.get(statusOf(code)) ?? []), code]);
  const entries = [...byStatus].map(
    ([status, those]) => [status, describeRefusal(status, those, refusalType)] as const,
  );
  return Object.fromEntries(entries);
}

function describeRefusal(status: number, codes: readonly RefusalCode[], refusalType: string | undefined): Json {
  const passes = status === TOO_MANY_REQUESTS || status === statusOf('shutting-down');
  return {
    description: codes.map((code) => `\`${code}\`: ${adviceFor(code)}`).join('\n\n'),
    ...(passes ? { headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } } } : {}),
    content: {
      [PROBLEM]: {
        schema: {
          allOf: [{ $ref: `${SCHEMAS}Problem` }, { properties: { code: { enum: codes }, status: { const: status } } }],
        },
      },
      ...(refusalType === undefined ? {} : { [refusalType]: {} }),
    },
  };
}

function contentOf(forms: readonly Form[]): Json {
  return Object.fromEntries(
    forms.map(({ type, schema }) => [type, schema === undefined ? {} : { schema: schemaOf(schema) }]),
  );
}

/** The forms of the wire under their own names. Some words are one form, which then has the first of its names. */
const NAMES: ReadonlyMap<z.ZodType, string> = new Map(
  Object.entries({ ...vocabulary, ...tokens, ...rotation, ...log, ...endpoints })
    .flatMap(([name, value]) => (value instanceof z.ZodType ? [[value as z.ZodType, name] as const] : []))
    .reverse(),
);

const registry: z.core.$ZodRegistry<{ id: string }> = z.registry<{ id: string }>();
for (const [schema, id] of NAMES) registry.add(schema, { id });

const OPTIONS = {
  io: 'input',
  uri: (id: string) => `${SCHEMAS}${id}`,
  unrepresentable: 'any',
  override: ({ jsonSchema }) => {
    // Classes of Unicode characters are not read by regular expressions everywhere: a person has to.
    if (jsonSchema.pattern?.includes('\\p{') !== true) return;
    jsonSchema.description = `matches /${jsonSchema.pattern}/u`;
    delete jsonSchema.pattern;
  },
} as const satisfies Parameters<typeof z.toJSONSchema>[1];

/** The named forms that occur in `content`, and those that occur in them. */
function schemasIn(content: unknown): Json {
  const { schemas } = z.toJSONSchema(registry, OPTIONS);
  const used: Json = {};
  const visit = (part: unknown) => {
    for (const [, id = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (id in used) continue;
      used[id] = withoutFrame(schemas[id] as Json);
      visit(used[id]);
    }
  };
  visit(content);
  return used;
}

function schemaOf(schema: z.ZodType): Json {
  const name = NAMES.get(schema);
  if (name !== undefined) return { $ref: `${SCHEMAS}${name}` };
  return withoutFrame(z.toJSONSchema(schema, { ...OPTIONS, metadata: registry }) as Json);
}

/** The dialect is that of the whole document, and its parts are found by their place in it. */
function withoutFrame({ $schema: _dialect, $id: _id, ...schema }: Json): Json {
  return schema;
}
