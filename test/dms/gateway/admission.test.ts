import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_SESSIONS_PER_SUBJECT } from '../../../dms/admission/session-book.ts';
import { HANDSHAKE_LIMIT_MS } from '../../../shared/wire/limits.ts';
import { createTestService } from '../../support/house.ts';
import type { Participant } from '../../support/participant.ts';
import { refusalOf } from '../../support/refusal.ts';
import { TestNode } from '../../support/test-node.ts';
import { soon, until } from '../../support/until.ts';

let node: TestNode;
let alice: Participant;
let bob: Participant;
let hands: Participant;

beforeEach(async () => {
  node = await TestNode.start();
  [alice, bob] = await Promise.all([node.service.participant(), node.service.participant()]);
  hands = alice;
});
afterEach(() => node.stop());

describe('admission', () => {
  it.each([
    ['nothing', async () => undefined, 'malformed'],
    ['a wrong token', async () => ({ ...(await alice.auth()), token: 'a.b.c' }), 'token-invalid'],
    ['an expired token', () => alice.auth({ iat: 1, exp: 900 }), 'token-expired'],
    [
      "somebody else's certificate",
      async () => ({ ...(await alice.auth()), certificate: bob.certificate.pem }),
      'token-not-for-certificate',
    ],
    [
      'papers of another root',
      async () => (await (await createTestService()).participant()).auth(),
      'certificate-untrusted',
    ],
  ])('refuses %s as a connect error with its code', async (_what, auth, code) => {
    expect(await refusalOf(node.connect(await auth()))).toBe(code);
  });

  it('runs once for a connection, however often it is asked for', async () => {
    const socket = new WebSocket(`${node.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    await once(socket, 'open');
    // No two of these have the same signer, and each unknown signer makes the node ask for keys, if time has passed.
    const strangers = await Promise.all([1, 2, 3].map(() => createTestService(node.service.clock)));
    const tokens = await Promise.all(strangers.map((stranger) => stranger.accessToken(alice.certificate)));
    const auth = await alice.auth();
    const before = node.service.calls.keySet;
    const ask = node.service.keySet.bind(node.service);
    node.service.keySet = () => {
      node.service.clock.advance(2_000);
      return ask();
    };
    node.service.clock.advance(2_000);
    for (let count = 0; count < 300; count += 1) {
      socket.send(`40${JSON.stringify({ ...auth, token: tokens[count % 3] })}`);
    }
    await soon('the end of the connection', once(socket, 'close'));
    expect(node.service.calls.keySet - before).toBe(1);
  });

  it('gives one participant so many sessions and no more', async () => {
    for (let count = 0; count < MAX_SESSIONS_PER_SUBJECT; count += 1) await node.enter(alice);
    expect(await refusalOf(node.connect(await alice.auth()))).toBe('too-many-requests');
    expect(await refusalOf(node.connect(await bob.auth()))).toBeUndefined();
  });

  it('takes nobody who comes while the node ends', async () => {
    node.node.retire();
    expect(await refusalOf(node.connect(await alice.auth()))).toBe('shutting-down');
  });
});

describe('the handshake over the wire', () => {
  it('lets nobody do anything before it is done', async () => {
    const socket = await node.connect(await alice.auth());
    for (const [name, argument] of [
      ['command', 'abc'],
      ['query', { type: 'allitems' }],
      ['acknowledge', { lot: crypto.randomUUID() }],
      ['renew', { token: 'a', certificate: 'b' }],
    ] as const) {
      expect(await socket.ask(name, argument)).toEqual({ outcome: 'refused', code: 'not-admitted' });
    }
    await socket.hello();
    expect((await socket.ask('query', { type: 'allitems' })).code).toBe('not-admitted');
  });

  it('tells nothing to who is not admitted', async () => {
    const silent = await node.connect(await bob.auth());
    await silent.hello();
    const { socket } = await node.enter(alice);
    await node.list(alice, socket);
    node.flush();
    await socket.told('someone_listed');
    expect(silent.heard).toEqual([]);
  });

  it.each([
    [
      'hello twice',
      async (socket: Awaited<ReturnType<TestNode['connect']>>) => {
        await socket.hello();
        return socket.hello();
      },
      'handshake-out-of-order',
    ],
    [
      'prove first',
      (socket: Awaited<ReturnType<TestNode['connect']>>) => socket.ask('prove', { proof: 'a.b.c' }),
      'handshake-out-of-order',
    ],
    [
      'a wrong proof',
      async (socket: Awaited<ReturnType<TestNode['connect']>>) => {
        await socket.hello();
        return socket.ask('prove', { proof: await bob.prove(socket.offerText!) });
      },
      'session-proof-invalid',
    ],
  ])('ends with the reason: %s', async (_what, misbehave, code) => {
    const socket = await node.connect(await hands.auth());
    const answer = misbehave(socket).catch(() => undefined);
    const [ended] = await until('session_ended', () => socket.heard.length > 0 && socket.heard);
    expect(ended).toMatchObject({ name: 'session_ended', args: [{ outcome: 'refused', code }] });
    await soon('the end of the connection', socket.closed);
    await answer;
  });

  it('ends when it takes too long', async () => {
    const socket = await node.connect(await alice.auth());
    await socket.hello();
    node.service.clock.advance(HANDSHAKE_LIMIT_MS - 1);
    node.node.sweep();
    expect(socket.isOpen).toBe(true);
    node.service.clock.advance(1);
    node.node.sweep();
    await soon('the end of the connection', socket.closed);
    expect(socket.heard.at(-1)?.args).toEqual([{ outcome: 'refused', code: 'handshake-timeout' }]);
  });
});
