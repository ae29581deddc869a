/** Floods of packets, garbage, bad signatures and connections: refused before any cryptography, by connection, participant and in all; memory stays flat. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ADMISSION_TURNS, COMMAND_TURNS, FairTurns } from '../../dms/admission/fair-turns.ts';
import { DEFAULT_RATES, type Rates } from '../../dms/admission/rate-limits.ts';
import { MAX_SESSIONS_PER_SUBJECT } from '../../dms/admission/session-book.ts';
import { createTestService } from '../support/house.ts';
import type { Participant } from '../support/participant.ts';
import type { Answer, RawSocket } from '../support/raw-socket.ts';
import { refusalOf } from '../support/refusal.ts';
import { TestNode } from '../support/test-node.ts';
import { soon, until } from '../support/until.ts';

let node: TestNode;
let alice: Participant;
let bob: Participant;
let hostile: RawSocket;
let honest: RawSocket;

async function open(rates: Partial<Rates> = {}): Promise<void> {
  node = await TestNode.start({ rates });
  [alice, bob] = await Promise.all([node.service.participant(), node.service.participant()]);
  hostile = (await node.enter(alice)).socket;
  honest = (await node.enter(bob)).socket;
}

afterEach(async () => {
  expect(node.failures).toEqual([]);
  await node.stop();
});

const isServed = async (socket: RawSocket) => (await socket.ask('query', { type: 'allitems' })).outcome === 'accepted';
const refused = (answers: readonly Answer[]) => answers.filter(({ code }) => code === 'too-many-requests').length;

/** Has everything that is under way wait at its first look at the revocation lists; tells how much that is. */
function stall() {
  const { revocations } = node.admission;
  const at = revocations.at.bind(revocations);
  const { promise, resolve } = Promise.withResolvers<void>();
  const looks = { count: 0 };
  revocations.at = async (time) => {
    looks.count += 1;
    await promise;
    return at(time);
  };
  return { looks, goOn: resolve };
}

describe('a flood of packets', () => {
  it('ends the connection of whoever sends them', async () => {
    await open({ packets: { perSecond: 1, burst: 50 } });
    for (let count = 0; count < 100; count += 1) hostile.tell('nothing');
    await soon('the end of the connection', hostile.closed);
    expect(node.node.sockets.unknownEvents).toBeLessThan(50);
    expect(await isServed(honest)).toBe(true);
  });
});

describe('a flood of commands', () => {
  it('is refused, and another participant is served', async () => {
    await open({ commands: { perSecond: 1, burst: 10 } });
    const lot = await node.list(bob, honest);
    const answers = await Promise.all(Array.from({ length: 40 }, () => hostile.ask('command', 'A'.repeat(400))));
    expect(refused(answers)).toBeGreaterThanOrEqual(30);
    const carol = await node.service.participant();
    expect((await node.bid(carol, (await node.enter(carol)).socket, lot, 10_000)).outcome).toBe('accepted');
  });

  it('over several connections of one participant counts together', async () => {
    await open({ questions: { perSecond: 1, burst: 3 } });
    const { socket } = await node.enter(alice);
    const ask = (one: RawSocket) => one.ask('query', { type: 'myitems' });
    const answers = await Promise.all([ask(hostile), ask(socket), ask(hostile), ask(socket)]);
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['accepted', 'accepted', 'accepted', 'refused']);
    expect((await ask(honest)).outcome).toBe('accepted');
  });

  it('with bad signatures is soon refused without cryptography', async () => {
    await open();
    const sealed = await node.frame(bob, hostile, { type: 'bid' });
    const codes = new Map<string, number>();
    for (let count = 0; count < 60; count += 1) {
      const { code } = await hostile.ask('command', sealed);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect(codes.get('malformed')).toBe(DEFAULT_RATES.mistakes.burst);
    expect(codes.get('too-many-requests')).toBe(60 - DEFAULT_RATES.mistakes.burst);
  });

  it('by one waits in a queue of his own that has an end; who comes after it does not wait for all of it', async () => {
    await open();
    const lot = await node.list(bob, honest);
    const good = await node.frame(bob, honest, { type: 'bid', lot: lot.lot });
    const { looks, goOn } = stall();
    const { atOnce, waiting } = COMMAND_TURNS;
    const answers = Array.from({ length: 600 }, () => hostile.ask('command', good));
    let known = 0;
    for (const answer of answers) void answer.then(({ code }) => (known += Number(code === 'too-many-requests')));
    // All but those that are being done and those that wait have their answer at once, and have cost nothing.
    await until('the refusals', () => known === 600 - atOnce - waiting);
    expect(looks.count).toBe(atOnce);
    const order: string[] = [];
    for (const answer of answers) void answer.then(({ code }) => code !== 'too-many-requests' && order.push('flood'));
    const honestAnswer = node.bid(bob, honest, lot, 10_000).then((answer) => order.push(`honest: ${answer.code}`));
    // His command has arrived: a question that comes after it is answered.
    expect(await isServed(honest)).toBe(true);
    goOn();
    await honestAnswer;
    expect(order.length).toBeLessThan(atOnce + waiting);
    await Promise.all(answers);
    expect(order.filter((one) => one === 'flood')).toHaveLength(atOnce + waiting);
  });
});

describe('a flood of connections', () => {
  it('is authenticated a few at a time, and who is in is served meanwhile', async () => {
    await open();
    const { promise: gate, resolve: goOn } = Promise.withResolvers<void>();
    let running = 0;
    const take = FairTurns.prototype.take;
    const spy = vi.spyOn(FairTurns.prototype, 'take').mockImplementation(function <Result>(
      this: FairTurns<unknown>,
      who: unknown,
      work: () => Promise<Result>,
    ) {
      return take.call(this, who, async () => {
        running += 1;
        await gate;
        return work();
      }) as Promise<Result>;
    });
    const auth = await alice.auth();
    const attempts = Array.from({ length: 100 }, () =>
      node.connect(auth).then(
        () => 'in',
        ({ code }) => code,
      ),
    );
    await until('all of them to have asked', () => spy.mock.calls.length === 100);
    expect(running).toBe(ADMISSION_TURNS.atOnce);
    expect(await isServed(honest)).toBe(true);
    goOn();
    const outcomes = await Promise.all(attempts);
    spy.mockRestore();
    expect(new Set(outcomes)).toEqual(new Set(['in', 'too-many-requests']));
    // One was there before.
    expect(outcomes.filter((one) => one === 'in').length).toBeLessThan(MAX_SESSIONS_PER_SUBJECT);
  });

  it('with tokens of unknown signers holds up nobody else, however long the key set takes', async () => {
    await open();
    const { service } = node;
    const { certificate, ...rest } = await alice.auth();
    const token = await (await createTestService(service.clock)).accessToken(alice.certificate);
    service.clock.advance(2_000);
    const ask = service.keySet.bind(service);
    const { promise: answer, resolve: goOn } = Promise.withResolvers<void>();
    service.keySet = async () => {
      await answer;
      return ask();
    };
    const before = service.calls.keySet;
    const forged = Array.from({ length: 2 * ADMISSION_TURNS.atOnce }, () => {
      return refusalOf(node.connect({ ...rest, certificate, token }));
    });
    const carol = await service.participant();
    expect(await refusalOf(node.enter(carol))).toBeUndefined();
    goOn();
    expect(new Set(await Promise.all(forged))).toEqual(new Set(['token-invalid']));
    // All of them together have made us ask once.
    expect(service.calls.keySet - before).toBe(1);
  });
});

describe('memory', () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');

  async function used(): Promise<number> {
    collect();
    // What is freed after a turn of the loop, such as buffers that a socket has handed on.
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  }

  it('is flat while 160 MB of garbage and of good form come in', async () => {
    const all = { perSecond: 1e6, burst: 1e6 };
    await open({ packets: all, questions: all });
    const frames = [`42["command","${'A'.repeat(16_000)}"]`, `42["nothing","${'x'.repeat(16_000)}"]`];
    const flood = async (count: number) => {
      for (let sent = 0; sent < count; sent += 100) {
        for (let one = 0; one < 100; one += 1) hostile.sendRaw(frames[one % 2]!);
        expect(await isServed(honest)).toBe(true);
      }
      // An answer that comes after all of them.
      await hostile.ask('query', { type: 'myitems' });
    };
    await flood(1_000);
    const before = await used();
    await flood(10_000);
    expect((await used()) - before).toBeLessThan(16 * 1_048_576);
  });
});
