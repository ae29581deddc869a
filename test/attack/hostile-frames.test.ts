/** Frames too large, too deep, of another form, and `__proto__` in every field of every event and request: the process lives, and others notice nothing. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../shared/bytes.ts';
import { digestOfText } from '../../shared/crypto/digest.ts';
import { sealTo } from '../../shared/crypto/ecies.ts';
import { signJws } from '../../shared/crypto/jws.ts';
import { PATHS } from '../../shared/wire/http-endpoints.ts';
import type { ClientToServerEvents } from '../../shared/wire/socket-events.ts';
import { bidOn, type Participant, sealEnvelope, statement } from '../support/participant.ts';
import { poisonings, poisonOnPrototypes } from '../support/poison.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { refusalOf } from '../support/refusal.ts';
import { TestNode } from '../support/test-node.ts';
import { soon } from '../support/until.ts';
import { AS_OPERATOR, TestService } from '../trusted-service/test-service.ts';

let node: TestNode;
let alice: Participant;
let bob: Participant;
let hostile: RawSocket;
let honest: RawSocket;

beforeEach(async () => {
  // More mistakes than the default lets pass: here every frame is to be looked at.
  node = await TestNode.start({ rates: { mistakes: { perSecond: 1_000, burst: 10_000 } } });
  [alice, bob] = await Promise.all([node.service.participant(), node.service.participant()]);
  hostile = (await node.enter(alice)).socket;
  honest = (await node.enter(bob)).socket;
});
afterEach(async () => {
  expect(node.failures).toEqual([]);
  expect(poisonOnPrototypes()).toBeUndefined();
  await node.stop();
});

const isServed = async (socket: RawSocket) => (await socket.ask('query', { type: 'allitems' })).outcome === 'accepted';

describe('a frame of a stranger', () => {
  it.each([
    ['of 1 MB', 'x'.repeat(1_048_576)],
    ['just above the limit', `42["command","${'A'.repeat(16_384)}"]`],
    ['that is no packet', '9'],
    ['of another type', '47["command"]'],
    ['with JSON that is none', '42[{]'],
    ['without an event', '42[]'],
    ['with a namespace of its own', '40/admin,{}'],
    ['that claims to be binary', '451-["command",{"_placeholder":true,"num":0}]'],
    ['that has the server disconnect', '41'],
    ['with a heartbeat the wrong way round', '2'],
    ['that is a word', 'hello'],
    ['that is nested 5 000 deep', `42["command",${'['.repeat(5_000)}${']'.repeat(5_000)}]`],
    ['with binary that never comes', '452-["command",{"_placeholder":true,"num":0}]'],
    ['that connects again', '40{"token":"x"}'],
    ['that answers what nobody asked', '43999999[{}]'],
    ['with an event that is no name', '42[{"a":1},1]'],
    ['that is no array', '42{"event":"command"}'],
  ])('%s ends its own connection at most', async (_what, frame) => {
    hostile.sendRaw(frame);
    hostile.sendRaw(frame);
    expect(await isServed(honest)).toBe(true);
    expect(
      (await node.bid(bob, honest, await node.list(alice, (await node.enter(alice)).socket), 10_000)).outcome,
    ).toBe('accepted');
  });

  it.each([16_385, 1_048_576])('of %i bytes ends its connection, however good its form', async (length) => {
    const [head, tail] = ['42["nothing","', '"]'];
    hostile.sendRaw(`${head}${'x'.repeat(length - head.length - tail.length)}${tail}`);
    await soon('the end of the connection', hostile.closed);
    expect(honest.isOpen).toBe(true);
  });

  it('of just the limit is read', async () => {
    const before = node.node.sockets.unknownEvents;
    // The engine puts one character in front.
    hostile.sendRaw(`42["nothing","${'x'.repeat(16_384 - 16)}"]`);
    expect(await isServed(hostile)).toBe(true);
    expect(node.node.sockets.unknownEvents).toBe(before + 1);
  });

  it.each([
    'error',
    'disconnecting',
    'newListener',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'COMMAND',
    'someone_listed',
    '',
  ])('with the event %j is counted and dropped', async (name) => {
    hostile.sendRaw(`42${JSON.stringify([name, { type: 'allitems' }])}`);
    hostile.sendRaw(`42907${JSON.stringify([name])}`);
    expect(await isServed(honest)).toBe(true);
  });

  it.each([7, 1e308, -1])('with the number %d for an event is counted and dropped', async (name) => {
    const before = node.node.sockets.unknownEvents;
    hostile.sendRaw(`42${JSON.stringify([name])}`);
    expect(await isServed(hostile)).toBe(true);
    expect(node.node.sockets.unknownEvents).toBe(before + 1);
  });

  it.each([
    ['hello', null],
    ['prove', []],
    ['renew', { token: 1 }],
    ['command', { a: 1 }],
    ['query', { type: 'allitems', extra: 1 }],
    ['query', { type: 'toString' }],
    ['query', '{"type":"allitems"}'],
    ['acknowledge', { lot: '__proto__' }],
  ])('with a wrong argument for %s: %j', async (name, argument) => {
    expect(await hostile.ask(name, argument)).toMatchObject({ outcome: 'refused', code: 'malformed' });
    expect(await isServed(honest)).toBe(true);
  });

  it('with too many or too few arguments is malformed', async () => {
    expect((await hostile.ask('query')).code).toBe('malformed');
    expect((await hostile.ask('query', { type: 'allitems' }, 7)).code).toBe('malformed');
  });

  it('nested 8 000 deep is malformed', async () => {
    hostile.sendRaw(`42["query",${'['.repeat(8_000)}${']'.repeat(8_000)}]`);
    expect(await isServed(hostile)).toBe(true);
  });

  it('without an acknowledgement is served in silence', async () => {
    hostile.tell('query', { type: 'allitems' });
    hostile.tell('command', 'noise');
    expect(await isServed(hostile)).toBe(true);
  });
});

describe('__proto__, constructor and prototype in every place', () => {
  const GOOD: Record<keyof ClientToServerEvents, unknown> = {
    hello: { nonce: 'A'.repeat(43) },
    prove: { proof: 'a.b.c', since: 0 },
    renew: { token: 'a.b.c', certificate: 'x' },
    command: 'AAAA',
    query: { type: 'announcements', since: 0 },
    acknowledge: { lot: crypto.randomUUID() },
  };

  it.each(Object.entries(GOOD))('of the argument of %s are malformed', async (event, good) => {
    for (const text of poisonings(good)) {
      // Before the handshake for its own events, which may be asked for once.
      const isHandshake = event === 'hello' || event === 'prove';
      const socket = isHandshake ? await node.connect(await alice.auth()) : hostile;
      expect(await socket.ask(event, JSON.parse(text)), text).toMatchObject({ outcome: 'refused', code: 'malformed' });
      if (isHandshake) socket.close();
    }
    expect(await isServed(honest)).toBe(true);
  });

  it('of the papers of a connection are malformed', async () => {
    for (const text of poisonings(await alice.auth())) {
      expect(await refusalOf(node.connect(JSON.parse(text))), text).toBe('malformed');
    }
    expect(await isServed(honest)).toBe(true);
  });

  it('of an envelope are malformed', async () => {
    const lot = await node.list(bob, honest);
    const good = await node.envelope(alice, bidOn(lot.lot, lot.terms, 10_000));
    for (const text of [...poisonings(good), '[]', 'null', '1', '"x"', '{', '']) {
      const sealed = await sealTo(hostile.sealingKey, Buffer.from(text));
      expect((await hostile.ask('command', encodeBase64url(sealed))).code, text).toBe('malformed');
    }
    const sealed = await sealTo(hostile.sealingKey, Buffer.from(JSON.stringify(good)));
    expect((await hostile.ask('command', encodeBase64url(sealed))).outcome).toBe('accepted');
  });

  it('of a signed statement are malformed, for each kind of command', async () => {
    const lot = await node.list(bob, honest);
    const extension = { window: 1_000, by: 1_000, until: lot.terms.closesAt + 10_000 };
    for (const claims of [bidOn(lot.lot, lot.terms, 10_000), { type: 'list', ...lot.terms, extension }]) {
      for (const text of poisonings(statement(claims))) {
        const signed = await signJws(alice.signer, 'command+jwt', JSON.parse(text));
        const timestamp = await node.service.stamp(digestOfText(signed));
        const sealed = await sealEnvelope(hostile.sealingKey, { statement: signed, timestamp });
        expect((await hostile.ask('command', sealed)).code, text).toBe('malformed');
      }
    }
    expect((await node.bid(alice, hostile, lot, 10_000)).outcome).toBe('accepted');
  });
});

describe('the Trusted Service', () => {
  const token = { batch: 'a.b.c', index: 0, path: [] };
  const GOOD: readonly (readonly [string, object])[] = [
    [PATHS.signCsr, { csr: 'x', username: 'ann', contact: 'x', invite: 'x' }],
    [PATHS.signCsr, { csr: 'x', hosts: ['a'], house: crypto.randomUUID() }],
    [PATHS.invites, { count: 1, expiresInMs: 60_000, note: 'x' }],
    [PATHS.issue, { certificate: 'x', proof: 'a.b.c' }],
    [PATHS.revoke, { serial: 'ab', reason: 'superseded', proof: 'a.b.c' }],
    [PATHS.timestamp, { imprint: 'A'.repeat(43) }],
    [PATHS.setTime, { time: 0 }],
    [PATHS.confirmTime, { time: 0 }],
    [PATHS.rotate, { role: 'token-signer', now: true }],
    [PATHS.disclose, { request: 'a.b.c', certificate: 'x', chain: ['x'], evidence: { listing: { timestamp: token } } }],
    [PATHS.witness, { checkpoint: 'a.b.c', chain: ['x', 'x'], path: ['x'] }],
  ];
  let service: TestService;
  beforeAll(async () => {
    service = await TestService.start();
  });
  afterAll(() => service.stop());

  it.each(GOOD)('finds them malformed at %s', async (path, good) => {
    const headers = { 'content-type': 'application/json', ...AS_OPERATOR };
    for (const body of poisonings(good)) {
      const { status, code } = await service.raw(path, { method: 'POST', headers, body });
      expect([status, code], body).toEqual([400, 'malformed']);
    }
    expect((await service.raw(PATHS.health)).status).toBe(200);
  });

  it('finds a body malformed that has a member twice', async () => {
    const headers = { 'content-type': 'application/json' };
    const twice = `{"imprint":"${'A'.repeat(43)}","imprint":"${'A'.repeat(43)}"}`;
    expect((await service.raw(PATHS.timestamp, { method: 'POST', headers, body: twice })).code).toBe('malformed');
    expect((await service.post(PATHS.timestamp, { imprint: 'A'.repeat(43) })).status).toBe(200);
  });
});
