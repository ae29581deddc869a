/** Every route's answers, held against the form that the published description gives them. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { signCheckpoint } from '../../../shared/journal/checkpoint.ts';
import { GrowingTree } from '../../../shared/merkle/growing-tree.ts';
import { hashLeaf } from '../../../shared/merkle/tree.ts';
import { PATHS } from '../../../shared/wire/http-endpoints.ts';
import { HouseId } from '../../../shared/wire/vocabulary.ts';
import { Sale } from '../disclosure/sale.ts';
import { certifiedNode, TestParticipant } from '../test-participant.ts';
import { AS_OPERATOR, type RawAnswer, TestService } from '../test-service.ts';

type Schema = Record<string, unknown>;
interface Document {
  readonly paths: Record<
    string,
    Record<string, { readonly responses: Record<string, { readonly content?: Record<string, { schema?: Schema }> }> }>
  >;
  readonly components: { readonly schemas: Record<string, Schema> };
}

let service: TestService;
let document: Document;
beforeAll(async () => {
  service = await TestService.start();
  document = JSON.parse((await service.raw(PATHS.openApi)).text);
});
afterAll(() => service.stop());

/** `post /api/issue` and so on. */
const routes = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );

/** A checker of one of the document's schemas, made of the published text alone. */
function checkerOf(schema: Schema): z.ZodType {
  const whole = { ...schema, $defs: document.components.schemas };
  return z.fromJSONSchema(JSON.parse(JSON.stringify(whole).replaceAll('#/components/schemas/', '#/$defs/')));
}

/** It is what the description says of its route, status and media type. */
function expectDescribed(route: string, answer: RawAnswer): void {
  const [method = '', path = ''] = route.split(' ');
  const [type = ''] = String(answer.headers['content-type']).split(';');
  const content = document.paths[path]?.[method]?.responses[answer.status]?.content?.[type];
  const what = `${route} ${answer.status} ${type} ${answer.code ?? ''}`;
  expect(content, what).toBeDefined();
  if (content?.schema === undefined) return;
  const value = type.endsWith('json') ? JSON.parse(answer.text) : answer.text;
  expect(checkerOf(content.schema).safeParse(value).error?.issues, what).toBeUndefined();
}

function send(route: string, headers: Record<string, string>): Promise<RawAnswer> {
  const [method, path = ''] = route.split(' ');
  return method === 'get' ? service.raw(path, { headers }) : service.post(path, {}, headers);
}

/** Good requests of those routes that need more than the operator's word. */
async function goodRequests(): Promise<Record<string, () => Promise<RawAnswer>>> {
  const [jane, fresh, sale] = [new TestParticipant(service), new TestParticipant(service), await Sale.prepare(service)];
  const disclosure = await sale.request(await sale.play());
  const issuer = (await jane.enrol('jane')).chain[0];
  const { time: iat } = await service.client.clock();
  const [proof, csr] = [await jane.proof({ iat }), await fresh.csr()];
  const revocation = { serial: jane.serial, reason: 'superseded', proof: await jane.revocationProof({ iat }) };
  const house = HouseId.parse(randomUUID());
  const node = await certifiedNode(service, house);
  const tree = new GrowingTree();
  tree.append(hashLeaf(Buffer.from('a')));
  const checkpoint = await signCheckpoint(node.signer, house, { size: 1, root: tree.root(1) }, iat);
  const chain = [node.certificate, issuer];
  return {
    'get /api/witness': () => service.raw(`${PATHS.witness}?house=${house}`),
    'post /api/witness': () => service.post(PATHS.witness, { checkpoint, chain, from: 0, path: [] }),
    'post /api/disclose': () => service.post(PATHS.disclose, disclosure),
    'post /api/issue': () => service.post(PATHS.issue, { certificate: jane.certificate, proof }),
    'post /api/revoke': () => service.post(PATHS.revoke, revocation),
    'post /api/sign-csr': () => service.post(PATHS.signCsr, { csr, username: 'fresh' }),
    'get /api/timestamp': () => service.raw(`${PATHS.timestamp}?nonce=0123456789abcdef`),
    'post /api/timestamp': () => service.post(PATHS.timestamp, { imprint: 'A'.repeat(43) }),
    'post /api/rotate': () => service.post(PATHS.rotate, { role: 'token-signer' }, AS_OPERATOR),
    'post /api/settime': () => service.post(PATHS.setTime, { time: iat }, AS_OPERATOR),
  };
}

describe('an answer', () => {
  it('that is good has the form that is described, at every route', async () => {
    const special = await goodRequests();
    // What needs the present time comes before the clock is set back.
    const order = [PATHS.disclose, PATHS.issue, PATHS.revoke].map((path) => `post ${path}`);
    for (const route of new Set([...order, ...routes()])) {
      const answer = await (special[route]?.() ?? send(route, AS_OPERATOR));
      expect(answer.status, `${route} ${answer.text}`).toBeLessThan(300);
      expectDescribed(route, answer);
    }
  });

  it.each([
    ['somebody', {}],
    ['the operator', AS_OPERATOR],
    ['another host', { host: 'evil.example' }],
  ])('that refuses %s has the form that is described, at every route', async (_who, headers) => {
    const answers = await Promise.all(routes().map(async (route) => ({ route, answer: await send(route, headers) })));
    const refusals = answers.filter(({ answer }) => answer.status >= 400);
    expect(refusals.length).toBeGreaterThan(3);
    for (const { route, answer } of refusals) expectDescribed(route, answer);
  });

  it.each(['no query', 'x'.repeat(5_000)])('of RFC 3161 has it too', async (body) => {
    const headers = { 'content-type': 'application/timestamp-query' };
    const answer = await service.raw(PATHS.timestamp, { method: 'POST', headers, body });
    expect(answer.headers['content-type']).toBe('application/timestamp-reply');
    expectDescribed('post /api/timestamp', answer);
  });

  it('of another form would be found out', () => {
    const checker = checkerOf({ $ref: '#/components/schemas/ClockAnswer' });
    const good = { clock: 'real', epoch: 1, time: 5, offsetMs: 0 };
    expect(checker.safeParse(good).success).toBe(true);
    for (const wrong of [{ ...good, time: -1 }, { ...good, more: 1 }, { ...good, clock: 'false' }, 7]) {
      expect(checker.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
    }
  });
});
