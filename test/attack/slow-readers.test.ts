/** Who does not read what he is sent: he is dropped, nothing piles up for him, and he can go on where he was. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LotId } from '../../shared/wire/vocabulary.ts';
import type { Participant } from '../support/participant.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { TestNode } from '../support/test-node.ts';
import { soon } from '../support/until.ts';
import { openValve, type Valve } from '../support/valve.ts';

let node: TestNode;
let valve: Valve;
let seller: Participant;
let bidder: Participant;
let slow: Participant;
let sellerSocket: RawSocket;
let bidderSocket: RawSocket;
let slowSocket: RawSocket;

beforeEach(() => open());

async function open(maxWaitingBytes?: number): Promise<void> {
  node = await TestNode.start({
    rates: { questions: { perSecond: 1_000, burst: 2_000 } },
    ...(maxWaitingBytes !== undefined && { maxWaitingBytes }),
  });
  const { service } = node;
  [seller, bidder, slow] = await Promise.all([service.participant(), service.participant(), service.participant()]);
  sellerSocket = (await node.enter(seller)).socket;
  bidderSocket = (await node.enter(bidder)).socket;
  valve = await openValve(node.url);
  slowSocket = await node.connect(await slow.auth(), { url: valve.url });
  await slowSocket.hello();
  await slowSocket.ask('prove', { proof: await slow.prove(slowSocket.offerText!) });
}

afterEach(() => close());

async function close(): Promise<void> {
  expect(node.failures).toEqual([]);
  valve.remove();
  await node.stop();
}

const ended = () => node.log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'ending a session');
/** The node has done what was there to do. */
const settle = () => bidderSocket.ask('query', { type: 'myitems' });

/** Announcements, until the node has had enough of the one who does not read them; how many megabytes that took. */
async function announceUntilDropped(lot: LotId): Promise<number> {
  const listed = slowSocket.heard[0]!.args[0].find((one: { lot: LotId }) => one.lot === lot);
  for (let megabytes = 0; megabytes < 200; megabytes += 1) {
    node.node.sockets.send({ listed: Array(2_000).fill(listed), bids: [], closed: [], notices: [] });
    node.node.sweep();
    await settle();
    if (ended().length > 0) return megabytes;
  }
  throw new Error('was never dropped');
}

describe('a reader who does not read', () => {
  it('is dropped, the others go on, and he hears what he missed when he is back', async () => {
    const lot = await node.list(seller, sellerSocket);
    node.flush();
    const [{ position }] = await slowSocket.told('checkpoint');
    valve.shut();
    expect(await announceUntilDropped(lot.lot)).toBeLessThan(100);
    expect(ended()).toMatchObject([{ code: 'too-slow' }]);
    // While he is away the house goes on.
    expect((await node.bid(bidder, bidderSocket, lot, 10_000)).outcome).toBe('accepted');
    expect((await node.bid(bidder, bidderSocket, lot, 11_000)).outcome).toBe('accepted');
    node.flush();
    valve.open();
    await soon('the end of the connection', slowSocket.closed);
    const { socket, current } = await node.enter(slow, position);
    expect(current).toMatchObject({ outcome: 'accepted', position: 3, catchUp: { kind: 'missed' } });
    expect(current.catchUp.announcements).toMatchObject([
      { event: 'someone_bid', amount: 10_000 },
      { event: 'someone_bid', amount: 11_000 },
    ]);
    expect((await node.bid(slow, socket, lot, 12_000)).outcome).toBe('accepted');
  });

  it('is dropped by what he asks for too, before the next look at everybody', async () => {
    for (let count = 0; count < 40; count += 1) {
      await node.list(seller, sellerSocket, { description: 'x'.repeat(2_000) } as object);
    }
    const { length } = JSON.stringify(await bidderSocket.ask('query', { type: 'allitems' }));
    valve.shut();
    // Questions that together would have him sent some 160 MB, each of them allowed.
    let asked = 0;
    for (; asked < 1_900 && ended().length === 0; asked += 10) {
      for (let one = 0; one < 10; one += 1) slowSocket.sendRaw(`42${asked + one}["query",{"type":"allitems"}]`);
      await settle();
    }
    expect(ended()).toMatchObject([{ code: 'too-slow' }]);
    expect(asked * length).toBeLessThan(64 * 1_048_576);
    expect((await bidderSocket.ask('query', { type: 'allitems' })).outcome).toBe('accepted');
  });

  it('is dropped as soon as all together leave too much, though he alone would not be', async () => {
    await close();
    await open(65_536);
    const lot = await node.list(seller, sellerSocket);
    node.flush();
    await slowSocket.told('checkpoint');
    valve.shut();
    // The system takes some megabytes from us before anything waits; one announcement is a few hundred bytes.
    const listed = slowSocket.heard[0]!.args[0].find((one: { lot: LotId }) => one.lot === lot.lot);
    const frames = Math.ceil(65_536 / JSON.stringify(listed).length);
    for (let sent = 0; ended().length === 0; sent += 1) {
      expect(sent).toBeLessThan(1_000);
      node.node.sockets.send({ listed: Array(frames).fill(listed), bids: [], closed: [], notices: [] });
      node.node.sweep();
      await settle();
    }
    expect(ended()).toMatchObject([{ code: 'too-slow' }]);
    expect(node.log.filter((line) => line.includes('all together'))).toHaveLength(1);
    expect((await node.bid(bidder, bidderSocket, lot, 10_000)).outcome).toBe('accepted');
  });
});
