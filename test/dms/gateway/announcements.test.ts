import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CatalogueLot, Checkpoint, ItemClosed, SomeoneBid, SomeoneListed } from '../../../shared/wire/announcements.ts';
import type { Participant } from '../../support/participant.ts';
import type { RawSocket } from '../../support/raw-socket.ts';
import { TestNode } from '../../support/test-node.ts';
import { soon, until } from '../../support/until.ts';

let node: TestNode;
let seller: Participant;
let bidder: Participant;
let loser: Participant;
let [sellerSocket, bidderSocket, loserSocket]: RawSocket[] = [];

beforeEach(async () => {
  node = await TestNode.start();
  const { service } = node;
  [seller, bidder, loser] = await Promise.all([service.participant(), service.participant(), service.participant()]);
  [sellerSocket, bidderSocket, loserSocket] = await Promise.all(
    [seller, bidder, loser].map(async (who) => (await node.enter(who)).socket),
  );
});
afterEach(async () => {
  expect(node.failures).toEqual([]);
  await node.stop();
});

const heard = (socket: RawSocket | undefined) => socket!.heard.map(({ name, args }) => [name, ...args]);
/** Nothing more is on its way to this socket. */
const settle = (socket: RawSocket | undefined) => socket!.ask('query', { type: 'myitems' });

describe('a tick', () => {
  it('is one frame of each kind, in order of position, with a checkpoint at its end', async () => {
    const first = await node.list(seller, sellerSocket!);
    const second = await node.list(seller, sellerSocket!, { title: 'Atlas' });
    await node.bid(bidder, bidderSocket!, second, 10_000);
    await node.bid(bidder, bidderSocket!, first, 10_000);
    await node.bid(loser, loserSocket!, first, 10_500);
    expect(heard(loserSocket)).toEqual([]);
    node.flush();
    await loserSocket!.told('checkpoint');
    const [listed, bids, checkpoint] = heard(loserSocket);
    expect(heard(loserSocket)).toHaveLength(3);
    expect(listed![0]).toBe('someone_listed');
    expect(
      SomeoneListed.array()
        .parse(listed![1])
        .map(({ position }) => position),
    ).toEqual([1, 2]);
    expect(bids![0]).toBe('someone_bid');
    expect(
      SomeoneBid.array()
        .parse(bids![1])
        .map(({ position }) => position),
    ).toEqual([3, 4, 5]);
    expect(checkpoint![0]).toBe('checkpoint');
    expect(Checkpoint.array().parse(checkpoint![1])).toEqual([{ after: 0, position: 5 }]);
  });

  it('without anything to tell sends nothing', async () => {
    node.flush();
    await settle(loserSocket);
    expect(heard(loserSocket)).toEqual([]);
  });

  it('tells nobody who anybody is', async () => {
    const lot = await node.list(seller, sellerSocket!);
    await node.bid(bidder, bidderSocket!, lot, 10_000);
    await node.close(lot.lot);
    node.flush();
    await loserSocket!.told('item_closed');
    const subjects = [seller, bidder, loser].map(({ subject }) => subject);
    const serials = [seller, bidder, loser].map(({ certificate }) => certificate.serialHex);
    for (const secret of [
      ...subjects,
      ...serials,
      sellerSocket!.sid,
      bidderSocket!.sid,
      sellerSocket!.offer!.session,
    ]) {
      expect(JSON.stringify(heard(loserSocket))).not.toContain(secret);
    }
  });
});

describe('coming back', () => {
  it('gives what was missed, and nothing is lost between the answer and the next tick', async () => {
    const lot = await node.list(seller, sellerSocket!);
    node.flush();
    await loserSocket!.told('checkpoint');
    loserSocket!.close();
    await node.bid(bidder, bidderSocket!, lot, 10_000);
    node.flush();
    await node.bid(bidder, bidderSocket!, lot, 11_000);
    // Recorded, and not told yet: it comes with the next tick.
    const { socket, current } = await node.enter(loser, 1);
    expect(current).toMatchObject({ outcome: 'accepted', position: 2, catchUp: { kind: 'missed' } });
    expect(current.catchUp.announcements).toMatchObject([{ event: 'someone_bid', position: 2, amount: 10_000 }]);
    node.flush();
    await socket.told('checkpoint');
    expect(heard(socket)).toMatchObject([
      ['someone_bid', [{ position: 3, amount: 11_000 }]],
      ['checkpoint', [{ after: 2, position: 3 }]],
    ]);
  });

  it('answers with everything afresh where too much was missed, or nothing is known', async () => {
    const lot = await node.list(seller, sellerSocket!);
    for (const since of [undefined, 99]) {
      const { current } = await node.enter(loser, since);
      expect(current.catchUp.kind).toBe('snapshot');
      expect(
        CatalogueLot.array()
          .parse(current.catchUp.lots)
          .map((one) => one.lot),
      ).toEqual([lot.lot]);
    }
  });
});

describe('the closing', () => {
  it('is told to everybody, and the disclosure to the two parties alone, on all their devices', async () => {
    const lot = await node.list(seller, sellerSocket!);
    await node.bid(loser, loserSocket!, lot, 10_000);
    await node.bid(bidder, bidderSocket!, lot, 12_000);
    const second = (await node.enter(bidder)).socket;
    node.flush();
    await node.close(lot.lot);
    await until('the disclosure', () => node.house.lots.get(lot.lot)?.notices.winner);
    node.flush();
    await Promise.all([sellerSocket!.told('auction_closed'), bidderSocket!.told('auction_closed')]);
    await second.told('auction_closed');
    await settle(loserSocket);
    const [closed] = await loserSocket!.told('item_closed');
    expect(ItemClosed.parse(closed)).toMatchObject({ lot: lot.lot, outcome: 'sold', hammerPrice: 12_000 });
    expect(loserSocket!.notices).toEqual([]);
    expect(sellerSocket!.notices).toMatchObject([{ role: 'seller', envelope: `for-seller-of-${lot.lot}` }]);
    expect(bidderSocket!.notices).toMatchObject([{ role: 'winner', envelope: `for-winner-of-${lot.lot}` }]);
    expect(second.notices).toEqual(bidderSocket!.notices);
    expect(loserSocket!.received).not.toContain('for-');
    expect(sellerSocket!.received).not.toContain('for-winner');
    expect(bidderSocket!.received).not.toContain('for-seller');
  });

  it('of an unsold lot is told to its seller in private', async () => {
    const lot = await node.list(seller, sellerSocket!);
    await node.close(lot.lot);
    node.flush();
    await sellerSocket!.told('auction_closed');
    await settle(bidderSocket);
    expect(sellerSocket!.notices).toMatchObject([{ role: 'seller', outcome: 'unsold' }]);
    expect(sellerSocket!.notices[0]).not.toHaveProperty('envelope');
    expect(bidderSocket!.notices).toEqual([]);
    expect(node.service.disclosed).toEqual([]);
  });

  it('sends the notices of one party in one frame', async () => {
    const lots = [await node.list(seller, sellerSocket!), await node.list(seller, sellerSocket!)];
    await node.close(lots[1]!.lot);
    node.flush();
    await sellerSocket!.told('auction_closed', 2);
    expect(sellerSocket!.heard.filter(({ name }) => name === 'auction_closed')).toHaveLength(1);
  });

  it('waits for a party that is away, until it acknowledges', async () => {
    const lot = await node.list(seller, sellerSocket!);
    await node.bid(bidder, bidderSocket!, lot, 12_000);
    bidderSocket!.close();
    await bidderSocket!.closed;
    await node.close(lot.lot);
    await until('the disclosure', () => node.house.lots.get(lot.lot)?.notices.winner);
    node.flush();
    for (const _visit of [1, 2]) {
      const { socket } = await node.enter(bidder);
      await socket.told('auction_closed');
      expect(socket.notices).toMatchObject([{ role: 'winner', envelope: `for-winner-of-${lot.lot}` }]);
      if (_visit === 2) expect(await socket.ask('acknowledge', { lot: lot.lot })).toEqual({ outcome: 'accepted' });
      socket.close();
    }
    const { socket } = await node.enter(bidder);
    await settle(socket);
    expect(socket.notices).toEqual([]);
    const stranger = await loserSocket!.ask('acknowledge', { lot: lot.lot });
    expect(stranger).toEqual({ outcome: 'refused', code: 'notice-not-found' });
  });
});

describe('a slow reader', () => {
  it('is dropped, and the others go on', async () => {
    const lot = await node.list(seller, sellerSocket!);
    const valve = await openValve(node.url);
    const slow = await node.connect(await loser.auth(), { url: valve.url });
    await slow.hello();
    await slow.ask('prove', { proof: await loser.prove(slow.offerText!) });
    node.flush();
    await slow.told('checkpoint');
    valve.shut();
    const { listed } = { listed: slow.heard[0]!.args[0] };
    const dropped = () => node.log.filter((line) => line.includes('a session ended')).length;
    for (let megabytes = 0; dropped() === 0 && megabytes < 200; megabytes += 1) {
      node.node.sockets.send({ listed: Array(2_000).fill(listed[0]), bids: [], closed: [], notices: [] });
      node.node.sweep();
      await settle(bidderSocket);
    }
    expect(dropped()).toBe(1);
    valve.open();
    await soon('the end of the connection', slow.closed);
    expect((await node.bid(bidder, bidderSocket!, lot, 10_000)).outcome).toBe('accepted');
    valve.remove();
  });
});

/** A way to the node that can be shut, as a suspended laptop shuts it: what the node sends is not read any more. */
async function openValve(url: string): Promise<{ url: string; shut(): void; open(): void; remove(): void }> {
  const { hostname, port } = new URL(url);
  const pipes: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    near.pipe(far);
    far.pipe(near);
    pipes.push(far, near);
    for (const end of [near, far]) end.on('error', () => end.destroy());
  });
  server.listen(0, hostname);
  await once(server, 'listening');
  return {
    url: `http://${hostname}:${(server.address() as AddressInfo).port}`,
    shut: () => void pipes[0]!.unpipe().pause(),
    open: () => void pipes[0]!.pipe(pipes[1]!),
    remove: () => {
      for (const end of pipes) end.destroy();
      server.close();
    },
  };
}

describe('the end of the node', () => {
  it('is told, and ends every connection', async () => {
    await node.node.close();
    await soon('the end of the connection', loserSocket!.closed);
    expect(heard(loserSocket)).toEqual([['session_ended', { outcome: 'refused', code: 'shutting-down' }]]);
  });
});
