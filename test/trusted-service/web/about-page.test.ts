import { afterAll, beforeAll, expect, it } from 'vitest';
import { AboutAnswer, PATHS } from '../../../shared/wire/http-endpoints.ts';
import { TestService } from '../test-service.ts';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.stop());

const ask = (accept?: string) => service.raw(PATHS.about, { headers: accept === undefined ? {} : { accept } });

it.each([
  [undefined, 'text/plain'],
  ['*/*', 'text/plain'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text/html'],
  ['application/json', 'application/json'],
  ['application/json;q=0.1, text/html;q=0.2', 'text/html'],
  ['image/png', 'text/plain'],
])('GET / says what this is to who accepts %s, as %s', async (accept, type) => {
  const { status, headers, text } = await ask(accept);
  expect([status, headers['content-type'], headers['vary']]).toEqual([200, `${type}; charset=utf-8`, 'Accept']);
  for (const told of [service.authority, PATHS.docs, PATHS.openApi, PATHS.root]) expect(text).toContain(told);
});

it('GET / has links that lead somewhere, and the fingerprint of the root that is there', async () => {
  const { links, authority, clock } = AboutAnswer.parse(JSON.parse((await ask('application/json')).text));
  for (const path of Object.values(links)) expect((await service.raw(path)).status, path).toBe(200);
  expect([authority, clock]).toEqual([service.authority, 'simulated']);
});

it('GET / names the DMS where the operator has it told, and nothing where not', async () => {
  const told = async () => AboutAnswer.parse(JSON.parse((await ask('application/json')).text)).dms;
  expect(await told()).toBeUndefined();
  const other = await TestService.start({ dmsUrl: 'https://dms.example:8444' });
  const { text } = await other.raw(PATHS.about, { headers: { accept: 'application/json' } });
  expect(AboutAnswer.parse(JSON.parse(text)).dms).toBe('https://dms.example:8444');
  await other.stop();
});
