/** Our OpenAPI document, judged by a foreign program where there is one: Python's openapi-spec-validator. */
import { execFileSync, spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { PATHS } from '../../shared/wire/http-endpoints.ts';
import { TestService } from '../trusted-service/test-service.ts';

const isThere = spawnSync('python3', ['-c', 'import openapi_spec_validator']).status === 0;
const JUDGE =
  'import json,sys; from openapi_spec_validator import OpenAPIV31SpecValidator as V; V(json.load(sys.stdin)).validate()';
const judge = (document: unknown) =>
  execFileSync('python3', ['-c', JUDGE], { input: JSON.stringify(document), stdio: ['pipe', 'pipe', 'pipe'] });

it.skipIf(!isThere)(
  'is valid OpenAPI 3.1, and the judge knows what is not',
  async () => {
    const service = await TestService.start();
    const document = JSON.parse((await service.raw(PATHS.openApi)).text);
    await service.stop();
    judge(document);
    expect(() => judge({ ...document, info: {} })).toThrow(/title/);
    const { paths } = document;
    expect(() => judge({ ...document, paths: { ...paths, '/x': { get: { responses: 7 } } } })).toThrow();
    // The judge starts anew for each document, which takes seconds on a busy machine.
  },
  120_000,
);
