import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_RATES } from '../../../dms/admission/rate-limits.ts';
import type { Participant } from '../../support/participant.ts';
import type { RawSocket } from '../../support/raw-socket.ts';
import { refusalOf } from '../../support/refusal.ts';
import { TestNode } from '../../support/test-node.ts';
import { soon, until } from '../../support/until.ts';

let node: TestNode;
let alice: Participant;
let bob: Participant;
let hostile: RawSocket;
let honest: RawSocket;

async function open(rates = {}): Promise<void> {
  node = await TestNode.start({ rates });
  [alice, bob] = await Promise.all([node.service.participant(), node.service.participant()]);
  hostile = (await node.enter(alice)).socket;
  honest = (await node.enter(bob)).socket;
}

beforeEach(() => open());
afterEach(async () => {
  expect(node.failures).toEqual([]);
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

  it('with __proto__ in its argument changes no prototype', async () => {
    hostile.sendRaw('42901["query",{"__proto__":{"admin":true},"type":"allitems"}]');
    hostile.sendRaw('42902["query",{"constructor":{"prototype":{"admin":true}}}]');
    expect(await isServed(hostile)).toBe(true);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
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

describe('floods', () => {
  it('of packets end the connection of whoever sends them', async () => {
    await node.stop();
    await open({ connectionPackets: { perSecond: 1, burst: 20 } });
    hostile = (await node.enter(alice)).socket;
    for (let count = 0; count < 100; count += 1) hostile.tell('nothing');
    await soon('the end of the connection', hostile.closed);
    expect(node.node.sockets.unknownEvents).toBeLessThan(20);
    expect(await isServed(honest)).toBe(true);
  });

  it('of commands are left unread, and another participant is served', async () => {
    await node.stop();
    await open({ commands: { perSecond: 1, burst: 10 }, mistakes: { perSecond: 1, burst: 1_000 } });
    const lot = await node.list(bob, honest);
    const noise = 'A'.repeat(4_000);
    const answers: string[] = [];
    const flood = Array.from({ length: 400 }, async () => answers.push((await hostile.ask('command', noise)).code));
    const carol = await node.service.participant();
    expect((await node.bid(carol, (await node.enter(carol)).socket, lot, 10_000)).outcome).toBe('accepted');
    // The clock stands still: nothing comes back, and so nothing more is read.
    await until('what was read is answered', () => answers.length >= 10);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(answers.length).toBeLessThan(100);
    hostile.close();
    await Promise.allSettled(flood);
  });

  it('over several connections of one participant count together', async () => {
    await node.stop();
    await open({ questions: { perSecond: 1, burst: 3 } });
    const { socket } = await node.enter(alice);
    const ask = (one: RawSocket) => one.ask('query', { type: 'myitems' });
    const answers = await Promise.all([ask(hostile), ask(socket), ask(hostile), ask(socket)]);
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['accepted', 'accepted', 'accepted', 'refused']);
    expect((await ask(honest)).outcome).toBe('accepted');
  });

  it.each([
    ['bad signatures', (sealed: string) => hostile.tell('command', sealed)],
    ['events that there are not', () => hostile.tell('nothing')],
  ])('of %s soon end every session of whoever sends them, and he stays out for a while', async (_what, send) => {
    const other = (await node.enter(alice)).socket;
    const sealed = await node.frame(alice, hostile, { type: 'bid' });
    for (let count = 0; count < DEFAULT_RATES.mistakes.burst; count += 1) send(sealed);
    await soon('the end of both', Promise.all([hostile.closed, other.closed]));
    expect(await other.told('session_ended')).toMatchObject([{ code: 'too-many-requests', detail: 'mistakes' }]);
    expect(await refusalOf(node.enter(alice))).toBe('too-many-requests');
    expect(await isServed(honest)).toBe(true);
    node.service.clock.advance(10_000);
    expect(await refusalOf(node.enter(alice))).toBeUndefined();
  });
});
