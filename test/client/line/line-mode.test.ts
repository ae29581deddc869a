import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { createJsonFace } from '../../../client/line/json-line.ts';
import { runLines } from '../../../client/line/line-mode.ts';
import { linesOf } from '../../../client/line/lines-of.ts';
import { Narrator } from '../../../client/line/narrator.ts';
import { createPlainFace } from '../../../client/line/plain-face.ts';
import { OutcomeUnknown } from '../../../client/send-command.ts';
import { EMPTY_MODEL } from '../../../client/store/model.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import type { Amount, CommandId, Position } from '../../../shared/wire/vocabulary.ts';
import { at, bid, catalogueLot, listed, lotId, sold, T0, uuid } from '../lots.ts';
import { type FakeClient, fakeClient } from './fake-client.ts';

interface Said {
  readonly v: 1;
  readonly type: string;
  readonly at: number;
  readonly simulated: boolean;
  readonly data: Record<string, unknown>;
}

/** A conversation with a client, which has lot 1 in its catalogue. */
function converse(client: FakeClient, { strict = false }: { readonly strict?: boolean } = {}) {
  const stdin = new PassThrough();
  const said: Said[] = [];
  const face = createJsonFace({ write: (text: string) => said.push(JSON.parse(text)) }, () => client.time());
  const narrator = new Narrator(face);
  const stop = new AbortController();
  client.tell({ type: 'catalogue', lots: [catalogueLot(1)] });
  narrator.follow(client);
  narrator.begin(client, 'https://localhost:1');
  const exit = runLines({ client, face, lines: linesOf(stdin), strict, signal: stop.signal }, narrator);
  return { stdin, said, exit, stop, types: () => said.map(({ type }) => type) };
}

/** Everything that is said for these lines, after hello and the snapshot, and the exit code. */
async function answersTo(lines: string, client = fakeClient(), options = {}) {
  const { stdin, said, exit } = converse(client, options);
  stdin.end(lines);
  const code = await exit;
  return { code, answers: said.slice(2) };
}

describe('line mode', () => {
  it('says hello, how everything stands, and bye', async () => {
    const client = fakeClient();
    const { stdin, said, exit } = converse(client);
    stdin.end();
    expect(await exit).toBe(0);
    expect(said).toEqual([
      {
        v: 1,
        type: 'hello',
        at: T0,
        simulated: true,
        data: { username: 'ann', subject: 'the-subject', house: uuid(99), dms: 'https://localhost:1', position: 0 },
      },
      {
        v: 1,
        type: 'snapshot',
        at: T0,
        simulated: true,
        data: { of: 'house', position: 0, lots: [expect.objectContaining({ number: 1, nextValidAmount: 10_000 })] },
      },
      { v: 1, type: 'bye', at: T0, simulated: true, data: { reason: 'end-of-input', exitCode: 0 } },
    ]);
  });

  it('answers every line once, in order, with its number and its id', async () => {
    const lines = [
      '/list "Oak desk" 100.00 +10m',
      '{"id":"b","command":"bid","lot":1,"amount":"120.00"}',
      '/allitems',
      '',
      '{"id":7,"command":"myitems"}',
      '/help bid',
      '/frobnicate',
      '{"id":"x","command":"bid","lot":1,"amount":"1.5e3"}',
      'x'.repeat(1_000_000),
      '/quit',
      '/allitems',
    ];
    const { answers, code } = await answersTo(lines.join('\n'));
    expect(answers.map(({ type, data }) => [data['line'], data['id'], type, data['code']])).toEqual([
      [1, undefined, 'accepted', undefined],
      [2, 'b', 'accepted', undefined],
      [3, undefined, 'snapshot', undefined],
      [5, 7, 'snapshot', undefined],
      [6, undefined, 'snapshot', undefined],
      [7, undefined, 'error', 'command-unknown'],
      [8, 'x', 'error', 'amount-malformed'],
      [9, undefined, 'error', 'line-too-long'],
      [10, undefined, 'bye', undefined],
    ]);
    expect(code).toBe(0);
  });

  it('waits for each answer before it takes the next line', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const order: string[] = [];
    const client = fakeClient({
      bid: async ({ id }) => {
        order.push('bid');
        await promise;
        return { outcome: 'rejected', reason: 'tie-lost', id: id! };
      },
      allItems: async () => {
        order.push('allitems');
        return { position: 0 as Position, lots: [] };
      },
    });
    const { stdin, exit, types } = converse(client);
    stdin.end('/bid 1 100\n/allitems\n');
    await vi.waitFor(() => expect(order).toEqual(['bid']));
    resolve();
    await exit;
    expect(order).toEqual(['bid', 'allitems']);
    expect(types().slice(2)).toEqual(['rejected', 'snapshot', 'bye']);
  });

  it('says what was accepted, in minor units, with its id', async () => {
    const { answers } = await answersTo(`/bid 1 120.00 --repeat ${uuid(5)}`);
    expect(answers[0]?.data).toEqual({
      line: 1,
      command: 'bid',
      commandId: uuid(5),
      lot: lotId(1),
      number: 1,
      title: 'Lot 1',
      currency: 'EUR',
      amount: 12_000,
      position: 2,
    });
  });

  it('an unknown lot is rejected by the rules', async () => {
    const { answers, code } = await answersTo('/bid 9 120.00');
    expect(answers[0]).toMatchObject({ type: 'rejected', data: { reason: 'lot-not-found' } });
    expect(code).toBe(0);
  });

  it('says what a first bid means before the first answer, and never again in this run', async () => {
    const client = fakeClient({
      bid: async ({ id }) => ({ outcome: 'rejected', reason: 'tie-lost', id: id! }),
    });
    client.model = EMPTY_MODEL;
    const { answers } = await answersTo('/allitems\n/bid 1 120\n/bid 1 130', client);
    expect(answers.map(({ type, data }) => [type, data['of'], data['line']])).toEqual([
      ['snapshot', 'allitems', 1],
      ['snapshot', 'caution', undefined],
      ['rejected', undefined, 2],
      ['rejected', undefined, 3],
      ['bye', undefined, undefined],
    ]);
  });

  it('a refusal has its code, and what to do', async () => {
    const client = fakeClient({ bid: () => Promise.reject(new ProtocolError('id-in-use', 'it is')) });
    const { answers } = await answersTo('/bid 1 120.00', client);
    expect(answers[0]).toMatchObject({ type: 'refused', data: { code: 'id-in-use', detail: 'it is', line: 1 } });
    expect(answers[0]?.data['advice']).toMatch(/\.$/);
  });

  it('an outcome that stays unknown is told with the line that repeats it, and is the exit code', async () => {
    const client = fakeClient({
      bid: ({ id }) => Promise.reject(new OutcomeUnknown(id!)),
      list: (_terms, options) => Promise.reject(new OutcomeUnknown(options?.id as CommandId)),
    });
    const { answers, code } = await answersTo('/bid 1 120\n/list "Oak desk" 100 +10m', client);
    expect(answers[0]).toMatchObject({
      type: 'error',
      data: { code: 'outcome-unknown', commandId: uuid(101), repeat: `/bid 1 120.00 --repeat ${uuid(101)}` },
    });
    expect(answers[1]?.data['repeat']).toBe(
      `/list "Oak desk" 100.00 ${new Date(at(600)).toISOString()} --increment 0.01 --currency EUR --repeat ${uuid(102)}`,
    );
    expect(code).toBe(7);
  });

  it.each([
    ['/bid 9 120.00', 3],
    ['/bid 1 1.5e3', 2],
    ['/bid 1 120.00', 4],
    ['/allitems', 5],
    ['/myitems', 0],
  ])('where the commands are the whole task, %s ends with %d', async (line, exitCode) => {
    const client = fakeClient({
      bid: () => Promise.reject(new ProtocolError('certificate-revoked')),
      allItems: () => Promise.reject(new ProtocolError('dms-unreachable')),
    });
    expect((await answersTo(line, client, { strict: true })).code).toBe(exitCode);
  });

  it('tells events as they come, and those before hello after it', async () => {
    const client = fakeClient();
    client.tell({ type: 'catalogue', lots: [catalogueLot(1)] });
    const said: Said[] = [];
    const face = createJsonFace({ write: (text: string) => said.push(JSON.parse(text)) }, () => client.time());
    const narrator = new Narrator(face);
    narrator.follow(client);
    client.hub.emit('link', { up: true, attempt: 1 });
    client.tell({ type: 'bid-accepted', lot: lotId(1), position: 3 as Position, amount: 11_000 as Amount });
    client.hub.emit('announcement', bid(2, 1, 10_000));
    expect(said).toEqual([]);
    narrator.begin(client, 'https://localhost:1');
    client.hub.emit('announcement', bid(3, 1, 11_000));
    client.hub.emit('announcement', listed(4, 2));
    client.hub.emit('announcement', sold(5, 1, 11_000));
    client.hub.emit('link', { up: false, reason: new ProtocolError('dms-unreachable'), attempt: 2, nextTryInMs: 400 });
    client.hub.emit('clock', { time: client.time(), byMs: 60_000 });
    client.hub.emit('trouble', { error: new ProtocolError('envelope-unreadable'), lot: lotId(1) });
    client.hub.emit('auction-closed', {
      notice: {
        position: 6 as Position,
        lot: lotId(1),
        number: 1,
        role: 'winner',
        outcome: 'sold',
        hammerPrice: 11_000 as Amount,
      },
      counterparty: {
        iss: 'x',
        lot: lotId(1),
        role: 'seller',
        subject: 's',
        username: 'bob\u001b[2J',
        contact: 'bob@example.org',
        certificate: 'pem',
      },
    });
    const statement = { v: 1, aud: 'h', id: 'c', type: 'bid', lot: lotId(1), terms: 't', amount: 11_000 } as never;
    const position = 3 as Position;
    client.hub.emit('opened', {
      lot: lotId(1),
      role: 'seller',
      position,
      statement: 'jws' as never,
      claims: statement,
    });
    const reason = new ProtocolError('token-expired');
    client.hub.emit('link', { up: false, reason, attempt: 1, nextTryInMs: 0 });
    narrator.end();
    expect(said.map(({ type }) => type)).toEqual([
      'hello',
      'snapshot',
      'bid',
      'bid',
      'listed',
      'closed',
      'link-down',
      'clock',
      'error',
      'disclosed',
      'opened',
      'link-down',
    ]);
    expect(said[10]?.data).toMatchObject({ number: 1, role: 'seller', command: 'bid', position: 3, amount: 11_000 });
    expect([said[6]?.data['renewing'], said[11]?.data['renewing']]).toEqual([undefined, true]);
    expect(said.slice(2, 4).map(({ data }) => data['mine'])).toEqual([false, true]);
    expect(said[3]?.data).toMatchObject({ number: 1, amount: 11_000, currency: 'EUR', placedAt: at(3) });
    expect(said[6]?.data).toMatchObject({ reason: 'dms-unreachable', attempt: 2, nextTryInMs: 400 });
    expect(said[8]?.data).toMatchObject({ code: 'envelope-unreadable', lot: lotId(1) });
    expect(said[9]?.data).toMatchObject({
      role: 'winner',
      hammerPrice: 11_000,
      counterparty: { role: 'seller', username: 'bob [2J', contact: 'bob@example.org' },
    });
    expect(JSON.stringify(said)).not.toContain('pem');
  });

  it('says once that a lot is closing', async () => {
    vi.useFakeTimers();
    const client = fakeClient();
    const { said, stop, exit } = converse(client);
    client.now = at(601);
    await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();
    stop.abort('SIGTERM');
    expect(await exit).toBe(143);
    expect(said.filter(({ type }) => type === 'closing').map(({ data }) => data['leftMs'])).toEqual([0]);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['EPIPE', 0],
  ])('ends at %s with %d, though the input goes on and a command is under way', async (reason, exitCode) => {
    const { promise, reject } = Promise.withResolvers<never>();
    const bids: unknown[] = [];
    const client = fakeClient({
      bid: (bid) => {
        bids.push(bid);
        return promise;
      },
    });
    const { stdin, exit, stop, said } = converse(client);
    stdin.write('/bid 1 120\n');
    await vi.waitFor(() => expect(bids).toHaveLength(1));
    stop.abort(reason);
    expect(await exit).toBe(exitCode);
    // The end of the client answers the command, too late for anybody to hear.
    reject(new ProtocolError('outcome-unknown'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(said.at(-1)).toMatchObject({ type: 'bye', data: { reason: 'interrupted', exitCode } });
  });

  it('ends with what the client failed with', async () => {
    const client = fakeClient();
    const { exit } = converse(client);
    client.hub.emit('failed', new ProtocolError('certificate-revoked'));
    await expect(exit).rejects.toMatchObject({ code: 'certificate-revoked' });
  });

  it('a mistake of ours is no answer', async () => {
    const client = fakeClient({ allItems: () => Promise.reject(new TypeError('ours')) });
    await expect(answersTo('/allitems', client)).rejects.toThrow('ours');
  });

  it('lets no text of others paint the terminal', async () => {
    const client = fakeClient();
    const said: string[] = [];
    const terms = { ...catalogueLot(1).terms, title: 'a\u009b2Jb\u202ec\u001b]0;x\u0007' };
    for (const create of [createJsonFace, createPlainFace]) {
      const face = create({ write: (text: string) => said.push(text) }, () => client.time());
      const narrator = new Narrator(face);
      narrator.follow(client);
      narrator.begin(client, 'https://localhost:1');
      client.hub.emit('announcement', { ...listed(1, 1), terms });
      narrator.end();
    }
    expect(said.join('').replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]|\\u00(1b|9b|07)|\\u202e/u);
  });
});
