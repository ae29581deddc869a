/** The clock set by a stranger; tokens of a simulated clock at a house of real time. */
import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATHS } from '../../shared/wire/http-endpoints.ts';
import type { HandParticipant } from '../support/hand-participant.ts';
import { OPERATOR_TOKEN } from '../support/house-servers.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { refusalOf } from '../support/refusal.ts';
import { type ListedLot, RunningHouse } from '../support/running-house.ts';

/** Status and code of a call, as anybody could make it. */
function call(house: RunningHouse, path: string, body: unknown, headers: Record<string, string>) {
  return new Promise<{ status: number | undefined; code: string | undefined }>((resolve, reject) => {
    const sent = request(new URL(path, house.serviceUrl), {
      method: 'POST',
      ca: house.root.pem,
      headers: { 'content-type': 'application/json', ...headers },
      agent: false,
    });
    sent.on('error', reject);
    sent.on('response', async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      resolve({ status: answer.statusCode, code: text === '' ? undefined : JSON.parse(text).code });
    });
    sent.end(JSON.stringify(body));
  });
}

const YEAR_MS = 365 * 24 * 3_600_000;
const WAYS: [string, unknown][] = [
  [PATHS.setTime, { time: Date.now() + YEAR_MS / 2 }],
  [PATHS.resetTime, {}],
  [PATHS.resetTimeAlias, {}],
];

describe('a simulated clock', () => {
  let house: RunningHouse;
  beforeAll(async () => {
    house = await RunningHouse.start({ withoutDms: true });
  });
  afterAll(() => house.close());

  it('is moved by nobody but the operator', async () => {
    const before = await house.operator.clock();
    const strangers: Record<string, string>[] = [
      {},
      { authorization: 'Bearer wrong-token-of-a-stranger' },
      { authorization: `Bearer ${OPERATOR_TOKEN}x` },
      { authorization: `Bearer ${OPERATOR_TOKEN.slice(0, -1)}` },
      { authorization: `Basic ${Buffer.from(`operator:${OPERATOR_TOKEN}`).toString('base64')}` },
      { authorization: 'Bearer ' },
      { 'x-operator-token': OPERATOR_TOKEN },
    ];
    for (const [path, body] of WAYS) {
      for (const headers of strangers) {
        const answer = await call(house, path, body, headers);
        expect(answer.code, `${path} ${JSON.stringify(headers)}`).toBe('operator-token-required');
        expect([401, 403]).toContain(answer.status);
      }
    }
    const after = await house.operator.clock();
    expect([after.epoch, after.offsetMs]).toEqual([before.epoch, before.offsetMs]);
    expect(house.log.filter((line) => line.includes('clock-refused'))).toHaveLength(WAYS.length * strangers.length);
  });

  it('is moved by the operator, and it is logged', async () => {
    const { epoch } = await house.operator.clock();
    await house.setClock(house.now() + 5_000);
    expect((await house.operator.clock()).epoch).toBe(epoch + 1);
    expect(house.log.filter((line) => line.includes('clock-moved'))).toHaveLength(1);
  });
});

describe('a house of real time', () => {
  let house: RunningHouse;
  let bidder: HandParticipant;
  let socket: RawSocket;
  let lot: ListedLot;
  beforeAll(async () => {
    house = await RunningHouse.start({ clock: 'real' });
    const seller = await house.participant('sue');
    bidder = await house.participant('bob');
    lot = await house.list(seller, await house.rawSocket(seller));
    socket = await house.rawSocket(bidder);
  });
  afterAll(() => house.close());

  it('has a clock that its operator can not set either', async () => {
    for (const [path, body] of WAYS) {
      const answer = await call(house, path, body, { authorization: `Bearer ${OPERATOR_TOKEN}` });
      expect(answer).toEqual({ status: 403, code: 'clock-not-simulated' });
    }
  });

  it('refuses the tokens of a simulated clock, though the same authority signed them', async () => {
    expect(await house.bid(bidder, socket, lot, 150)).toMatchObject({ outcome: 'accepted' });
    // The same keys and the same address, started with a clock that can be set.
    await house.stopService();
    await house.startService({ clock: 'simulated' });
    expect(await house.bid(bidder, socket, lot, 160)).toMatchObject({ code: 'timestamp-wrong-clock' });
    expect(await house.journalLength(socket)).toBe(2);
    // And it takes no time from it: with a real clock again everything goes on.
    await house.stopService();
    await house.startService();
    expect(await house.bid(bidder, socket, lot, 160)).toMatchObject({ outcome: 'accepted' });
  });

  it('does not even start beside a simulated clock', async () => {
    const simulated = await RunningHouse.start({ withoutDms: true, dmsClockKind: 'real' });
    expect(await refusalOf(simulated.startDms())).toBe('timestamp-wrong-clock');
    await simulated.close();
  });
});
