/** What each route refuses, and with which code. The list of routes is the service's own description: none can be left out. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATHS } from '../../shared/wire/http-endpoints.ts';
import { TestParticipant } from './test-participant.ts';
import { AS_OPERATOR, TestService } from './test-service.ts';

type Case = readonly [what: string, request: Request, status: number, code: string];
interface Request {
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly json?: unknown;
  readonly body?: Uint8Array;
}

const WRONG_OPERATOR = { authorization: 'Bearer not-the-operator-at-all' };
const CSR_PROBLEM = { csr: 'x', username: 'ann' };
const A_PROOF = { aud: 'x', iat: 1, jti: 'x' };
const jws = (claims: object) =>
  ['{"alg":"ES256","typ":"proof+jwt","kid":"x"}', JSON.stringify(claims), 'x']
    .map((text) => Buffer.from(text).toString('base64url'))
    .join('.');

const CHECKPOINT_OF_NOBODY = { checkpoint: jws({}), chain: ['x', 'x'], from: 0, path: [] };

/** Requests that this route alone refuses so. `{…}` stands for Jane's certificate. */
const CASES: Record<string, readonly Case[]> = {
  'get /': [],
  'get /healthz': [],
  'get /readyz': [],
  'get /docs': [],
  'get /openapi.json': [],
  'get /crl': [
    ['no fingerprint', { query: '?issuer=x' }, 400, 'malformed'],
    ['another parameter', { query: '?kid=x' }, 400, 'malformed'],
    ['an issuing CA that is not in use', { query: `?issuer=${'0'.repeat(64)}` }, 404, 'not-found'],
  ],
  'get /.well-known/root.pem': [],
  'get /.well-known/jwks.json': [],
  'get /.well-known/ca-public': [],
  'get /.well-known/key-archive.json': [],
  'get /metrics': [
    ['no token', {}, 401, 'operator-token-required'],
    ['another token', { headers: WRONG_OPERATOR }, 401, 'operator-token-required'],
  ],
  'get /api/timestamp': [
    ['no nonce', {}, 400, 'malformed'],
    ['a short nonce', { query: '?nonce=short' }, 400, 'malformed'],
  ],
  'post /api/timestamp': [
    ['no body', {}, 400, 'malformed'],
    ['a short imprint', { json: { imprint: 'A' } }, 400, 'malformed'],
    ['too much', { json: { imprint: 'A'.repeat(300) } }, 413, 'frame-too-large'],
  ],
  'post /api/sign-csr': [
    ['no request', { json: { csr: 'x', username: 'ann' } }, 400, 'csr-invalid'],
    ['neither name nor hosts', { json: { csr: 'x' } }, 400, 'malformed'],
    ['a node without the operator', { json: { csr: 'x', hosts: ['a'] } }, 401, 'operator-token-required'],
    ['too much', { json: { ...CSR_PROBLEM, csr: 'x'.repeat(10_000) } }, 413, 'frame-too-large'],
  ],
  'post /api/issue': [
    ['no certificate', { json: { certificate: 'x', proof: 'x' } }, 400, 'certificate-malformed'],
    ['a proof that is none', { json: { certificate: '{…}', proof: 'x' } }, 403, 'proof-invalid'],
    ['a proof without a signature', { json: { certificate: '{…}', proof: jws(A_PROOF) } }, 403, 'proof-invalid'],
    ['no proof', { json: { certificate: '{…}' } }, 400, 'malformed'],
    ['too much', { json: { certificate: 'x'.repeat(9_000) } }, 413, 'frame-too-large'],
  ],
  'post /api/revoke': [
    ['nobody', { json: { serial: 'ab', reason: 'superseded' } }, 401, 'operator-token-required'],
    [
      'another operator',
      { json: { serial: 'ab', reason: 'superseded' }, headers: WRONG_OPERATOR },
      401,
      'operator-token-required',
    ],
    ['a stranger', { json: { serial: 'ab', reason: 'superseded', proof: 'x' } }, 403, 'not-certificate-owner'],
    ['nothing', { json: { serial: 'ab', reason: 'superseded' }, headers: AS_OPERATOR }, 404, 'not-found'],
    ['too much', { json: { serial: 'a'.repeat(5_000) } }, 413, 'frame-too-large'],
  ],
  'post /api/invites': [
    ['nobody', { json: {} }, 401, 'operator-token-required'],
    ['none', { json: { count: 0 }, headers: AS_OPERATOR }, 400, 'malformed'],
    ['too much', { json: { note: 'x'.repeat(3_000) }, headers: AS_OPERATOR }, 413, 'frame-too-large'],
  ],
  'get /api/rotate': [['nobody', {}, 401, 'operator-token-required']],
  'post /api/rotate': [
    ['nobody', { json: { role: 'token-signer' } }, 401, 'operator-token-required'],
    ['another operator', { json: { role: 'token-signer' }, headers: WRONG_OPERATOR }, 401, 'operator-token-required'],
    ['no key', { json: {}, headers: AS_OPERATOR }, 400, 'malformed'],
    ['the root', { json: { role: 'root' }, headers: AS_OPERATOR }, 400, 'malformed'],
    [
      'a request for a signer',
      { json: { role: 'token-signer', request: true }, headers: AS_OPERATOR },
      400,
      'malformed',
    ],
    [
      'a certificate of somebody else',
      { json: { role: 'issuing-ca', certificate: '{…}' }, headers: AS_OPERATOR },
      403,
      'certificate-untrusted',
    ],
    ['too much', { json: { role: 'x'.repeat(5_000) }, headers: AS_OPERATOR }, 413, 'frame-too-large'],
  ],
  'post /api/settime': [
    ['nobody', { json: { time: 0 } }, 401, 'operator-token-required'],
    ['no time', { json: { time: 'now' }, headers: AS_OPERATOR }, 400, 'malformed'],
    ['too much', { json: { time: 'x'.repeat(300) }, headers: AS_OPERATOR }, 413, 'frame-too-large'],
  ],
  'post /api/resettime': [['nobody', {}, 401, 'operator-token-required']],
  'post /api/resettme': [['nobody', {}, 401, 'operator-token-required']],
  'get /api/clock': [['nobody', {}, 401, 'operator-token-required']],
  'get /api/witness': [
    ['no house', {}, 400, 'malformed'],
    ['a house that is none', { query: '?house=mine' }, 400, 'malformed'],
  ],
  'post /api/witness': [
    ['nothing', { json: {} }, 400, 'malformed'],
    ['no certificates', { json: CHECKPOINT_OF_NOBODY }, 400, 'certificate-malformed'],
    ['too much', { json: { checkpoint: 'x'.repeat(70_000) } }, 413, 'frame-too-large'],
  ],
  'post /api/disclose': [
    ['nothing', { json: {} }, 400, 'malformed'],
    ['too much', { json: { request: 'x'.repeat(70_000) } }, 413, 'frame-too-large'],
  ],
};

let service: TestService;
let jane: TestParticipant;
let described: { paths: Record<string, Record<string, Operation>> };
interface Operation {
  readonly responses: Record<string, { readonly description: string }>;
}
beforeAll(async () => {
  service = await TestService.start();
  jane = await TestParticipant.enrolled(service, 'jane');
  described = JSON.parse((await service.raw(PATHS.openApi)).text);
});
afterAll(() => service.stop());

function send(route: string, { query = '', headers = {}, json, body }: Request) {
  const [method = '', path = ''] = route.split(' ');
  const text = json === undefined ? undefined : JSON.stringify(json).replace('"{…}"', JSON.stringify(jane.certificate));
  const type = text === undefined ? {} : { 'content-type': 'application/json' };
  const sent = body ?? text;
  return service.raw(path + query, {
    method: method.toUpperCase(),
    headers: { ...type, ...headers },
    ...(sent === undefined ? {} : { body: sent }),
  });
}

it('knows every route of the service, and no other', () => {
  const routes = Object.entries(described.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path}`),
  );
  expect(Object.keys(CASES).toSorted()).toEqual(routes.toSorted());
});

describe.each(Object.entries(CASES))('%s', (route, cases) => {
  const [method = '', path = ''] = route.split(' ');

  it.each([
    ...cases,
    ['another host', { headers: { host: 'evil.example' } }, 421, 'host-not-allowed'],
    ['another origin', { headers: { origin: 'https://evil.example' } }, 403, 'origin-not-allowed'],
    ['an embedded request', { headers: { 'sec-fetch-site': 'cross-site' } }, 403, 'origin-not-allowed'],
  ] as Case[])('refuses %s', async (_what, request, status, code) => {
    const answer = await send(route, request);
    expect([answer.status, answer.code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    // The description has said that it might.
    expect(described.paths[path]?.[method]?.responses[status]?.description).toContain(`\`${code}\``);
  });

  it('is not there for other methods', async () => {
    for (const other of ['PUT', 'PATCH', 'DELETE']) {
      expect((await service.raw(path, { method: other })).code, other).toBe('not-found');
    }
  });
});
