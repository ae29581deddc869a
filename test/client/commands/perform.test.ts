import { describe, expect, it } from 'vitest';
import { ClientError } from '../../../client/client-error.ts';
import { parseInputLine } from '../../../client/commands/input-line.ts';
import { type PerformClient, type PerformOptions, perform } from '../../../client/commands/perform.ts';
import type { Stage } from '../../../client/send-command.ts';
import { ProtocolError, type RefusalCode } from '../../../shared/errors.ts';
import type { Amount, Instant, Position } from '../../../shared/wire/vocabulary.ts';
import { fakeClient } from '../line/fake-client.ts';
import { at, catalogueLot, lotId, T0, uuid } from '../lots.ts';

/** A client that has lot 1 in its catalogue, and has bid 100.00 on it. */
function clientWith(answers: Partial<PerformClient> = {}) {
  const client = fakeClient(answers);
  client.tell({ type: 'catalogue', lots: [catalogueLot(1, { bids: 1, leadingAmount: 10_000 as Amount })] });
  client.tell({ type: 'bid-accepted', lot: lotId(1), position: 3 as Position, amount: 10_000 as Amount });
  return client;
}

const answerTo = (line: string, client = clientWith(), options: PerformOptions = {}) =>
  perform(client, parseInputLine(line).parse(T0), options);

const RECEIPT = {
  command: 'bid',
  id: uuid(5),
  lot: lotId(1),
  amount: 10_000,
  position: 3,
  house: uuid(99),
  checkpoint: { size: 4, time: T0, root: new Uint8Array(32) },
  cosigned: true,
  file: '/home/ann/r.json',
} as unknown as Awaited<ReturnType<PerformClient['receipts']>>[number];

describe('what is performed', () => {
  it.each<[string, object]>([
    ['/list Desk 100 +10m', { type: 'accepted', data: { command: 'list', title: 'Desk' } }],
    ['/bid 1 120.00', { type: 'accepted', data: { command: 'bid', amount: 12_000 } }],
    ['/bid 9 120.00', { type: 'rejected', data: { reason: 'lot-not-found' } }],
    ['/allitems', { type: 'snapshot', data: { of: 'allitems', lots: [] } }],
    ['/myitems', { type: 'snapshot', data: { of: 'myitems', lots: [] } }],
    [
      '/mybids',
      {
        data: { of: 'mybids', lots: [{ number: 1, standing: 'leading', ownBids: [{ amount: 10_000, position: 3 }] }] },
      },
    ],
    ['/lot 1', { data: { of: 'lot', lot: { number: 1 }, ownBids: [{ position: 3 }], watched: false, isWhole: true } }],
    ['/lot 9', { type: 'error', data: { code: 'lot-unknown', exitCode: 3 } }],
    ['/watch', { data: { of: 'watch', lots: [] } }],
    ['/watch 1', { data: { of: 'watch', lots: [{ number: 1 }], changed: { number: 1, watched: true } } }],
    ['/watch 9', { type: 'error', data: { code: 'lot-unknown' } }],
    ['/receipt', { data: { of: 'receipt', receipts: [] } }],
    ['/receipt 1', { type: 'error', data: { code: 'receipt-missing', exitCode: 2 } }],
    [`/receipt ${uuid(7)}`, { type: 'error', data: { code: 'receipt-missing' } }],
    ['/receipt 9', { type: 'error', data: { code: 'lot-unknown' } }],
    ['/verify', { type: 'error', data: { code: 'too-slow', exitCode: 5 } }],
    ['/verify 9', { type: 'error', data: { code: 'lot-unknown' } }],
    ['/identity', { data: { of: 'identity', username: 'ann', house: uuid(99), dms: 'https://localhost:1' } }],
    ['/settime +1h', { type: 'error', data: { code: 'operator-token-missing', exitCode: 2 } }],
    ['/resettime', { type: 'error', data: { code: 'operator-token-missing' } }],
    ['/help bid', { data: { of: 'help', text: expect.stringContaining('--yes') } }],
    ['/quit', { type: 'quit', answering: {} }],
  ])('%s', async (line, answer) => {
    expect(await answerTo(line)).toMatchObject(answer);
  });

  it('says which line it answers', async () => {
    const answering = { line: 4, id: 'x' };
    for (const line of ['/mybids', '/lot 9', '/identity', '/bid 1 120', '/bid 9 120', '/bid 1 9000', '/settime +1h']) {
      expect(await answerTo(line, clientWith(), { answering })).toMatchObject({ data: answering });
    }
    const client = clientWith({ resetTime: async () => ({ time: client.time(), byMs: -5 }) });
    expect(await answerTo('/resettime', client, { answering })).toEqual({
      type: 'clock',
      data: { ...answering, time: T0, byMs: -5, epoch: 3 },
    });
  });

  it('sets the clock to what was said', async () => {
    const times: number[] = [];
    const client = clientWith({
      setTime: async (time) => {
        times.push(time);
        return { time: { at: time, simulated: true, epoch: 4 }, byMs: 3_600_000 };
      },
    });
    expect(await answerTo('/settime +1h', client)).toMatchObject({ type: 'clock', data: { time: at(3_600) } });
    expect(times).toEqual([at(3_600)]);
  });

  it('finds a lot for a receipt by its number, and hands an id on', async () => {
    const asked: unknown[] = [];
    const client = clientWith({
      receipts: async (about) => {
        asked.push(about);
        return [RECEIPT];
      },
    });
    expect(await answerTo('/receipt 1', client)).toMatchObject({
      data: {
        receipts: [{ number: 1, title: 'Lot 1', currency: 'EUR', commandId: uuid(5), cosigned: true, position: 3 }],
      },
    });
    await answerTo(`/receipt ${uuid(7)}`, client);
    await answerTo('/receipt', client);
    expect(asked).toEqual([lotId(1), uuid(7), undefined]);
  });

  it('tells how far an audit has come, and what does not hold is a matter of trust', async () => {
    const heard: number[] = [];
    const client = clientWith({
      verify: async ({ lot, onProgress } = {}) => {
        expect(lot).toBe(lotId(1));
        onProgress?.({ records: 256 });
        throw new ClientError('journal-broken', 'Record 40 …');
      },
    });
    const answer = await answerTo('/verify 1', client, { onAudit: ({ records }) => heard.push(records) });
    expect(answer).toMatchObject({
      type: 'error',
      data: { code: 'journal-broken', exitCode: 6, detail: 'Record 40 …' },
    });
    expect(heard).toEqual([256]);
  });

  it('hands the stages of a command on', async () => {
    const stages: Stage[] = [];
    const client = clientWith({
      bid: async ({ id, onProgress }) => {
        onProgress?.({ stage: 'signed', afterMs: 1 });
        return { outcome: 'rejected', reason: 'tie-lost', id: id! };
      },
    });
    await answerTo('/bid 1 120', client, { onProgress: (stage) => stages.push(stage) });
    expect(stages).toEqual([{ stage: 'signed', afterMs: 1 }]);
  });

  it.each<[string, keyof PerformClient, RefusalCode, string]>([
    ['/lot 1', 'lotHistory', 'peer-untrusted', 'error'],
    ['/receipt', 'receipts', 'receipt-invalid', 'refused'],
    ['/verify', 'verify', 'dms-unreachable', 'error'],
    ['/settime +1h', 'setTime', 'clock-not-simulated', 'refused'],
    ['/settime +1h', 'setTime', 'operator-token-required', 'refused'],
    ['/resettime', 'resetTime', 'trusted-service-unreachable', 'error'],
  ])('%s: %s that throws %s is %s', async (line, method, code, type) => {
    const client = clientWith({ [method]: () => Promise.reject(new ProtocolError(code)) });
    expect(await answerTo(line, client)).toMatchObject({ type, data: { code } });
  });

  it('lets a mistake of ours through', async () => {
    const client = clientWith({ lotHistory: () => Promise.reject(new TypeError('ours')) });
    await expect(answerTo('/lot 1', client)).rejects.toThrow('ours');
  });
});

describe('a bid that jumps', () => {
  const bids: unknown[] = [];
  const client = clientWith({
    bid: async (bid) => {
      bids.push(bid);
      return { outcome: 'accepted', id: bid.id!, position: 5 as Position, lot: lotId(1), number: 1 };
    },
  });

  it.each([
    ['/bid 1 900', '/bid 1 900.00 --yes'],
    [`/bid 1 900 --repeat ${uuid(8)}`, `/bid 1 900.00 --yes --repeat ${uuid(8)}`],
    ['{"command":"bid","lot":1,"amount":"900","yes":false}', '/bid 1 900.00 --yes'],
  ])('%s is not sent; the answer has the line that sends it', async (line, repeat) => {
    const answer = await answerTo(line, client);
    expect(answer).toMatchObject({ type: 'error', data: { code: 'confirmation-missing', exitCode: 2, repeat } });
    expect(bids).toEqual([]);
    await answerTo(repeat, client);
    expect(bids.splice(0)).toMatchObject([{ lot: lotId(1), amount: 90_000 }]);
  });

  it('is asked about where the house had to be asked for the lot', async () => {
    const late = fakeClient({
      findLot: async () => {
        late.tell({ type: 'catalogue', lots: [catalogueLot(2)] });
        return late.model.lots.get(lotId(2));
      },
    });
    expect(await answerTo('/bid 2 900', late)).toMatchObject({ data: { code: 'confirmation-missing' } });
  });

  it('says yes again where its outcome stays unknown', async () => {
    const unknown = clientWith({ bid: () => Promise.reject(new ProtocolError('outcome-unknown')) });
    expect(await answerTo('/bid 1 900 --yes', unknown)).toMatchObject({
      data: { code: 'outcome-unknown', repeat: `/bid 1 900.00 --yes --repeat ${uuid(101)}` },
    });
    expect((await answerTo(`/bid 1 120`, unknown)) as object).toMatchObject({
      data: { repeat: `/bid 1 120.00 --repeat ${uuid(102)}` },
    });
  });
});

describe('the trusted time', () => {
  it('is what a time is counted from', async () => {
    const client = clientWith({
      setTime: async (time) => ({ time: { at: time, simulated: true, epoch: 4 }, byMs: 0 }),
    });
    const intent = parseInputLine('/settime +3d').parse(at(60) as Instant);
    expect(await perform(client, intent)).toMatchObject({ data: { time: at(60) + 3 * 86_400_000 } });
  });
});
