/** Floods of packets, garbage, bad signatures and connections: left unread or ended before any cryptography, by connection, participant and in all; memory stays flat. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ADMISSION_TURNS, COMMAND_TURNS, FairTurns } from '../../dms/admission/fair-turns.ts';
import { DEFAULT_RATES, type Rates } from '../../dms/admission/rate-limits.ts';
import { MAX_SESSIONS_PER_SUBJECT } from '../../dms/admission/session-book.ts';
import { createTestService } from '../support/house.ts';
import type { Participant } from '../support/participant.ts';
import type { RawSocket } from '../support/raw-socket.ts';
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
    await open({ connectionPackets: { perSecond: 1, burst: 20 } });
    for (let count = 0; count < 100; count += 1) hostile.tell('nothing');
    await soon('the end of the connection', hostile.closed);
    expect(node.node.sockets.unknownEvents).toBeLessThan(20);
    expect(await isServed(honest)).toBe(true);
  });
});

describe('a flood of commands', () => {
  it('is left unread, and another participant is served', async () => {
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

  it('over several connections of one participant counts together', async () => {
    await open({ questions: { perSecond: 1, burst: 3 } });
    const { socket } = await node.enter(alice);
    const ask = (one: RawSocket) => one.ask('query', { type: 'myitems' });
    const answers = await Promise.all([ask(hostile), ask(socket), ask(hostile), ask(socket)]);
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['accepted', 'accepted', 'accepted', 'refused']);
    expect((await ask(honest)).outcome).toBe('accepted');
  });

  it.each([
    ['with bad signatures', (sealed: string) => hostile.tell('command', sealed)],
    ['of events that there are not', () => hostile.tell('nothing')],
  ])('%s soon ends every session of whoever sends it, and he stays out for a while', async (_what, send) => {
    await open();
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

  it('by one is read no further than what waits for its turn; who comes after it does not wait for all of it', async () => {
    await open({ mistakes: { perSecond: 1, burst: 10_000 } });
    const lot = await node.list(bob, honest);
    const sealed = await node.frame(bob, honest, { type: 'bid', lot: lot.lot });
    const { looks, goOn } = stall();
    const order: string[] = [];
    const flood = Array.from({ length: 600 }, async () => {
      await hostile.ask('command', sealed);
      order.push('flood');
    });
    const { atOnce } = COMMAND_TURNS;
    await until('all places to be taken', () => looks.count === atOnce);
    // A frame of his own, which can be opened: what is wrong with it is seen after that.
    const honestAnswer = honest.ask('command', sealed).then(({ code }) => order.push(`honest: ${code}`));
    // His command has arrived: a question that comes after it is answered.
    expect(await isServed(honest)).toBe(true);
    // All places are taken, and yet his first is done at once: he has had no turn.
    expect(looks.count).toBe(atOnce + 1);
    goOn();
    await honestAnswer;
    expect(order.length).toBeLessThan(100);
    expect(order).toContain('honest: malformed');
    await Promise.all(flood);
    expect(order.filter((one) => one === 'flood')).toHaveLength(600);
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
      // Questions take turns as well, of their own.
      if (who === bob.subject) return take.call(this, who, work) as Promise<Result>;
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
    await open({ packets: all, connectionPackets: all, questions: all, commands: all, mistakes: all });
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
