/** The description of the service, held against what the service answers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { REFUSAL_CODES } from '../../../shared/errors.ts';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import { jsonRoute } from '../../../trusted-service/http/route.ts';
import { statusOf } from '../../../trusted-service/http/status-codes.ts';
import { describeApi } from '../../../trusted-service/web/openapi.ts';
import { TestService } from '../test-service.ts';

type Schema = Record<string, unknown>;
interface Content {
  readonly schema?: Schema;
}
interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Record<string, Content> };
  readonly parameters?: readonly { readonly name: string; readonly required: boolean; readonly schema: Schema }[];
  readonly responses: Record<string, { readonly description: string; readonly content?: Record<string, Content> }>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Schema>; readonly securitySchemes: Record<string, Schema> };
}

let service: TestService;
let text: string;
let document: Document;
beforeAll(async () => {
  service = await TestService.start();
  text = (await service.raw(PATHS.openApi)).text;
  document = JSON.parse(text);
});
afterAll(() => service.stop());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

describe('the description', () => {
  it('is OpenAPI 3.1, and each operation has its own name', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    const names = operations().map(({ operation }) => operation.operationId);
    expect(names.length).toBeGreaterThan(15);
    expect(new Set(names).size).toBe(names.length);
  });

  it('has every path that there is', () => {
    expect(Object.keys(document.paths).toSorted()).toEqual(Object.values(PATHS).toSorted());
  });

  it('refers to nothing that is not in it, and has nothing that is not used', () => {
    const used = new Set(Array.from(text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g), ([, name]) => name));
    expect([...used].toSorted()).toEqual(Object.keys(document.components.schemas).toSorted());
    expect(text.match(/"\$ref":"(?!#\/components\/schemas\/)/g)).toBeNull();
    for (const { operation } of operations()) {
      for (const scheme of ((operation as { security?: object[] }).security ?? []).flatMap(Object.keys)) {
        expect(
          Object.keys(document.components.schemas).concat(Object.keys(document.components.securitySchemes)),
        ).toContain(scheme);
      }
    }
  });

  it('says for each POST with a body what it looks like', () => {
    const without = operations().filter(
      ({ method, operation }) => method === 'post' && operation.requestBody === undefined,
    );
    expect(without.map(({ path }) => path)).toEqual([PATHS.resetTime, PATHS.resetTimeAlias]);
    const stamp = document.paths[PATHS.timestamp]?.['post'];
    expect(Object.keys(stamp?.requestBody?.content ?? {})).toEqual(['application/timestamp-query', 'application/json']);
    expect(Object.keys(stamp?.responses['200']?.content ?? {})).toEqual([
      'application/timestamp-reply',
      'application/json',
    ]);
    const [nonce] = document.paths[PATHS.timestamp]?.['get']?.parameters ?? [];
    expect(nonce).toMatchObject({ name: 'nonce', required: true });
  });

  it('names the codes of each refusal, under the status that they have', () => {
    const told = operations().flatMap(({ path, operation }) =>
      Object.entries(operation.responses).map(([status, { description }]) => ({
        path,
        status,
        codes: codesIn(description),
      })),
    );
    expect(told.filter(({ status, codes }) => codes.length > 0 !== Number(status) >= 400)).toEqual([]);
    expect(told.filter(({ status, codes }) => !codes.every((code) => mayHave(status, code)))).toEqual([]);
  });

  it('follows the schema that a route checks with', () => {
    const route = (schema: z.ZodType) =>
      jsonRoute({
        path: '/it',
        maxBodyBytes: 7,
        schema,
        reply: z.strictObject({}),
        about: { group: 'Service', summary: 'it', refusals: [] },
        answer: () => ({}),
      });
    const bodyOf = (schema: z.ZodType) => {
      const { paths } = describeApi([route(schema)]) as unknown as Document;
      return paths['/it']?.['post']?.requestBody?.content['application/json']?.schema;
    };
    expect(bodyOf(z.strictObject({ a: z.int().max(3) }))).toMatchObject({
      properties: { a: { type: 'integer', maximum: 3 } },
    });
    expect(bodyOf(z.string().max(5))).toMatchObject({ type: 'string', maxLength: 5 });
  });
});

/** The codes that a description begins its paragraphs with. */
function codesIn(description: string): string[] {
  return Array.from(description.matchAll(/^`([a-z0-9-]+)`:/gm), ([, code = '']) => code);
}

/** 429 is for who asks too much; the same code is also that of a service that has too much to do. */
function mayHave(status: string, code: string): boolean {
  if (status === '429') return code === 'too-many-requests';
  return REFUSAL_CODES.some((one) => one === code && String(statusOf(one)) === status);
}
