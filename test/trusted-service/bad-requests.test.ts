import { connect } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATHS, Problem } from '../../shared/wire/http-endpoints.ts';
import { TestParticipant } from './test-participant.ts';
import { AS_OPERATOR, TestService } from './test-service.ts';

let service: TestService;
let jane: TestParticipant;
beforeAll(async () => {
  service = await TestService.start();
  jane = await TestParticipant.enrolled(service, 'jane');
});
afterAll(() => service.stop());

// Every POST with fields that it can't do without; those of /api/invites may all be left out.
const POSTS = [
  PATHS.signCsr,
  PATHS.issue,
  PATHS.revoke,
  PATHS.timestamp,
  PATHS.setTime,
  PATHS.confirmTime,
  PATHS.disclose,
  PATHS.rotate,
] as const;
/** What GET of the same path says, where there is such a route. */
const OTHERWISE: Readonly<Record<string, string>> = {
  [PATHS.timestamp]: 'malformed',
  [PATHS.rotate]: 'operator-token-required',
};
const JSON_TYPE = { 'content-type': 'application/json', ...AS_OPERATOR };
const imprint = 'A'.repeat(43);

describe.each(POSTS)('POST %s', (path) => {
  it.each<[string, string, Record<string, string>, number, string]>([
    ['nothing', '', JSON_TYPE, 400, 'malformed'],
    ['no JSON', 'hello', JSON_TYPE, 400, 'malformed'],
    ['half of it', '{"a":', JSON_TYPE, 400, 'malformed'],
    ['a number', '7', JSON_TYPE, 400, 'malformed'],
    ['null', 'null', JSON_TYPE, 400, 'malformed'],
    ['a list', '[]', JSON_TYPE, 400, 'malformed'],
    ['an empty object', '{}', JSON_TYPE, 400, 'malformed'],
    ['other fields', '{"admin":true}', JSON_TYPE, 400, 'malformed'],
    ['__proto__', '{"__proto__":{"admin":true}}', JSON_TYPE, 400, 'malformed'],
    ['a form', 'imprint=x', { 'content-type': 'application/x-www-form-urlencoded', ...AS_OPERATOR }, 400, 'malformed'],
    ['text', '{}', { 'content-type': 'text/plain', ...AS_OPERATOR }, 400, 'malformed'],
    ['no type', '{}', AS_OPERATOR, 400, 'malformed'],
    ['compressed', 'xx', { ...JSON_TYPE, 'content-encoding': 'gzip' }, 400, 'malformed'],
    ['another charset', '{}', { 'content-type': 'application/json; charset=utf-7', ...AS_OPERATOR }, 400, 'malformed'],
    ['a megabyte', `{"a":"${'x'.repeat(1_000_000)}"}`, JSON_TYPE, 413, 'frame-too-large'],
    ['a deep nest', '['.repeat(100), JSON_TYPE, 400, 'malformed'],
  ])('refuses %s', async (_what, body, headers, status, code) => {
    const answer = await service.raw(path, { method: 'POST', headers, body });
    expect([answer.status, answer.code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(Problem.parse(JSON.parse(answer.text)).status).toBe(status);
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  it('is not there for GET, PUT and DELETE', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const expected = method === 'GET' ? (OTHERWISE[path] ?? 'not-found') : 'not-found';
      expect((await service.raw(path, { method })).code, method).toBe(expected);
    }
  });
});

describe('fields', () => {
  it.each<[string, string, object, string]>([
    ['a user name that is a number', PATHS.signCsr, { csr: 'x', username: 7 }, 'malformed'],
    ['a user name of 129 characters', PATHS.signCsr, { csr: 'x', username: 'x'.repeat(129) }, 'malformed'],
    [
      'a contact of 201 characters',
      PATHS.signCsr,
      { csr: 'x', username: 'ann', contact: 'x'.repeat(201) },
      'malformed',
    ],
    ['a request that is none', PATHS.signCsr, { csr: 'x', username: 'ann' }, 'csr-invalid'],
    [
      'participant and node at once',
      PATHS.signCsr,
      { csr: 'x', username: 'ann', hosts: ['a'], house: 'b' },
      'malformed',
    ],
    [
      'a node without hosts',
      PATHS.signCsr,
      { csr: 'x', hosts: [], house: '5f0c4a52-0c1f-4f0e-9b1a-3a6a5c0d8e21' },
      'malformed',
    ],
    ['a node without house', PATHS.signCsr, { csr: 'x', hosts: ['a'] }, 'malformed'],
    ['a certificate that is none', PATHS.issue, { certificate: 'x', proof: 'y' }, 'certificate-malformed'],
    ['a serial in capitals', PATHS.revoke, { serial: 'AB', reason: 'superseded' }, 'malformed'],
    ['a reason that is none', PATHS.revoke, { serial: 'ab', reason: 'because' }, 'malformed'],
    ['an invite that is a number', PATHS.signCsr, { csr: 'x', username: 'ann', invite: 7 }, 'malformed'],
    ['an invite of 65 characters', PATHS.signCsr, { csr: 'x', username: 'ann', invite: 'x'.repeat(65) }, 'malformed'],
    ['no invites', PATHS.invites, { count: 0 }, 'malformed'],
    ['half an invite', PATHS.invites, { count: 0.5 }, 'malformed'],
    ['1001 invites', PATHS.invites, { count: 1_001 }, 'malformed'],
    ['invites for a second', PATHS.invites, { expiresInMs: 1_000 }, 'malformed'],
    ['invites for ever', PATHS.invites, { expiresInMs: 1e12 }, 'malformed'],
    ['invites with a note of two lines', PATHS.invites, { note: 'a\nb' }, 'malformed'],
    ['rotation of a key that does not rotate', PATHS.rotate, { role: 'trusted-service-tls' }, 'malformed'],
    ['rotation that is perhaps at once', PATHS.rotate, { role: 'token-signer', now: 1 }, 'malformed'],
    ['a certificate for a signer', PATHS.rotate, { role: 'token-signer', certificate: 'x' }, 'malformed'],
    [
      'a certificate of the root that is none',
      PATHS.rotate,
      { role: 'issuing-ca', certificate: 'x' },
      'certificate-malformed',
    ],
    ['a short imprint', PATHS.timestamp, { imprint: 'A'.repeat(42) }, 'malformed'],
    ['an imprint with padding', PATHS.timestamp, { imprint: `${'A'.repeat(42)}=` }, 'malformed'],
    ['an imprint with spare bits', PATHS.timestamp, { imprint: `${'A'.repeat(42)}B` }, 'malformed'],
    ['an imprint and more', PATHS.timestamp, { imprint, time: 0 }, 'malformed'],
    ['two imprints', PATHS.timestamp, { imprint: [imprint, imprint] }, 'malformed'],
  ])('%s', async (_what, path, body, code) => {
    expect((await service.post(path, body, AS_OPERATOR)).code).toBe(code);
  });

  it.each([
    '',
    '?nonce=',
    '?nonce=short',
    `?nonce=${'x'.repeat(65)}`,
    '?nonce=has%20a%20blank%20in%20it',
    '?nonce=0123456789abcdef&nonce=0123456789abcdef',
    '?nonce=0123456789abcdef&x=1',
    '?nonce[]=0123456789abcdef',
    '?nonce=%E0%A4%A',
  ])('GET /api/timestamp%s', async (query) => {
    expect((await service.raw(PATHS.timestamp + query)).code).toBe('malformed');
  });

  it('are not read where they come compressed, however properly', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const body = gzipSync(JSON.stringify({ imprint }));
    expect((await service.raw(PATHS.timestamp, { method: 'POST', headers, body })).code).toBe('malformed');
    expect((await service.post(PATHS.timestamp, { imprint })).status).toBe(200);
  });

  it('never come back in the answer', async () => {
    const secret = 'do-not-repeat-this';
    for (const body of [{ csr: secret, username: secret }, { [secret]: 1 }, { csr: 'x', username: [secret] }]) {
      expect((await service.post(PATHS.signCsr, body)).text).not.toContain(secret);
    }
  });
});

describe('addresses', () => {
  it.each([
    '/docs/x',
    '/docs/../package.json',
    '/docs/swagger-ui.css.map',
    '/api',
    '/api/sign-csrs',
    '/API/SIGN-CSR/x',
    '/crl/../etc/passwd',
    '/docs/%2e%2e%2fpackage.json',
    '/.well-known',
    '/constructor',
  ])('does not know %s', async (path) => {
    const { status, code, headers } = await service.raw(path);
    expect([status, code]).toEqual([404, 'not-found']);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
  });
});

describe('what is not HTTP', () => {
  it('is answered as a problem, and closed', async () => {
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    socket.end('\x16\x03\x01 this is not a request\r\n\r\n');
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"malformed"');
    expect((await service.raw(PATHS.health)).status).toBe(200);
  });
});

describe('every answer', () => {
  it('has the safe headers and does not say what serves it', async () => {
    for (const path of [PATHS.root, PATHS.health, '/nowhere']) {
      const { headers } = await service.raw(path);
      expect(headers['x-powered-by']).toBeUndefined();
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toBeDefined();
    }
  });

  it('of a mistake of ours is one code without a word of it', async () => {
    service.log.length = 0;
    const csr = await jane.csr();
    const other = new DatabaseSync(`${service.home}/trusted-service/trusted-service.db`);
    other.exec('ALTER TABLE participants RENAME TO elsewhere');
    const answer = await service.post(PATHS.signCsr, { csr, username: 'jane' });
    other.exec('ALTER TABLE elsewhere RENAME TO participants');
    other.close();
    expect([answer.status, answer.code]).toEqual([500, 'internal']);
    expect(answer.text).not.toMatch(/table|sqlite|at /i);
    expect(service.log.join('')).toContain('no such table');
    expect((await service.post(PATHS.signCsr, { csr, username: 'jane' })).status).toBe(201);
  });

  it('leaves no name, contact, proof or token in the log', async () => {
    service.log.length = 0;
    const planted = await TestParticipant.enrolled(service, 'planted-name', 'planted-contact');
    const proof = await planted.proof();
    const { token } = await service.client.issue({ certificate: planted.certificate, proof });
    await service.client.revoke({ serial: planted.serial, reason: 'superseded' });
    const log = service.log.join('');
    expect(log).toContain('certificate-issued');
    for (const secret of [
      'planted-name',
      'planted-contact',
      proof,
      token,
      AS_OPERATOR.authorization.slice(7),
      'BEGIN',
    ]) {
      expect(log).not.toContain(secret);
    }
  });
});

describe('readiness', () => {
  it('ends where nothing can be issued', async () => {
    expect((await service.raw(PATHS.ready)).status).toBe(200);
    await service.client.setTime(0);
    const { status, code } = await service.raw(PATHS.ready);
    expect([status, code]).toEqual([503, 'clock-out-of-certificates']);
    expect((await service.raw(PATHS.crl)).code).toBe('clock-out-of-certificates');
    expect((await service.raw(PATHS.health)).status).toBe(200);
    await service.client.resetTime();
  });
});
