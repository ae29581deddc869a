/** Two nodes, one journal: the same auction on both, exact and whole, whichever node dies and wherever a client goes. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuctionClient } from '../../client/auction-client.ts';
import type { Sale } from '../../client/notice-desk.ts';
import type { Announcement } from '../../shared/wire/announcements.ts';
import type { Amount, CommandId, LotId } from '../../shared/wire/vocabulary.ts';
import { readPostgresJournal } from '../support/journal-records.ts';
import { until } from '../support/until.ts';
import { auditedWinner, expectExactly, startLoad } from './bidding.ts';
import { TwoNodes } from './two-nodes.ts';

let nodes: TwoNodes;
beforeAll(async () => {
  nodes = await TwoNodes.start();
}, 60_000);
afterAll(() => nodes.close());

const at = (name: 'a' | 'b', who: string) => nodes.house.enrolled(who, { dmsUrl: nodes.urlOf(name) });
const anywhere = (who: string) => nodes.house.enrolled(who, { dmsUrl: nodes.balancer.url });

function heardBy(client: AuctionClient): Announcement[] {
  const heard: Announcement[] = [];
  client.on('announcement', (announcement) => heard.push(announcement));
  return heard;
}

describe('two nodes on one journal', { timeout: 90_000 }, () => {
  it('are one house: bids on a hot lot through both stay exact, and both tell the same', async () => {
    const [seller, ...bidders] = await Promise.all([at('a', 'sue'), at('a', 'anna'), at('b', 'bert'), at('b', 'cleo')]);
    expect(nodes.node('a').house).toBe(nodes.node('b').house);
    const [heardAtA, heardAtB] = [heardBy(bidders[0]!), heardBy(bidders[1]!)];
    const { lot } = await nodes.list(seller, 600_000);

    const load = startLoad(bidders, lot);
    await load.more(200);
    await load.stop();
    await expectExactly(nodes.journal, load.accepted, lot);
    expect([...load.noes].filter((reason) => reason !== 'bid-below-increment')).toEqual([]);
    const count = load.accepted.length + 1;
    await until('every announcement at both nodes', () => heardAtA.length >= count && heardAtB.length >= count);
    expect(heardAtA).toEqual(heardAtB);
    expect(heardAtA.map(({ position }) => position)).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  });

  it('judge no bid by what they have not heard yet: one on a lot that the other node has just listed is good', async () => {
    const [seller, bidder] = await Promise.all([at('a', 'sam'), at('b', 'ben')]);
    for (let round = 0; round < 20; round += 1) {
      const terms = nodes.house.terms();
      const lot = randomUUID() as CommandId;
      const listed = await seller.list(terms, { id: lot });
      expect(listed).toMatchObject({ outcome: 'accepted' });
      expect(await bidder.bid({ lot: lot as string as LotId, amount: 100 as Amount })).toMatchObject({
        outcome: 'accepted',
      });
    }
  });

  it('record a command once that comes to both at the same moment, and give both the same answer', async () => {
    const [seller, bidder] = [await nodes.house.participant('stan'), await nodes.house.participant('bea')];
    const offering = await nodes.house.rawSocket(seller, undefined, nodes.urlOf('a'));
    const sockets = await Promise.all(
      (['a', 'b'] as const).map((name) => nodes.house.rawSocket(bidder, undefined, nodes.urlOf(name))),
    );
    const lot = await nodes.house.list(seller, offering);
    for (let round = 1; round <= 20; round += 1) {
      const statement = await nodes.house.statement(bidder, nodes.house.bidClaims(lot, 100 * round));
      const timestamp = await bidder.stamp(statement);
      const answers = await Promise.all(
        sockets.map((socket) => socket.ask('command', bidder.seal(statement, timestamp, socket.sealingKey))),
      );
      expect(answers[0]).toMatchObject({ outcome: 'accepted', lot: lot.lot });
      // Each node signs a receipt of its own for it.
      const [first, second] = answers.map(({ receipt, ...answer }) => ({
        ...answer,
        hasReceipt: receipt !== undefined,
      }));
      expect(second).toEqual(first);
    }
    const bids = (await readPostgresJournal(nodes.journal)).filter(
      (one) => one.lot === lot.lot && one.public.kind === 'bid',
    );
    expect(bids).toHaveLength(20);
    // Sealed for a session at one node, it is nothing at the other.
    const statement = await nodes.house.statement(bidder, nodes.house.bidClaims(lot, 5_000));
    const sealed = bidder.seal(statement, await bidder.stamp(statement), sockets[0]!.sealingKey);
    expect(await sockets[1]!.ask('command', sealed)).toMatchObject({ code: 'envelope-unreadable' });
    // Another's command has no right to the id, at whichever node.
    const claims = { ...nodes.house.bidClaims(lot, 6_000), id: bids[0]!.id };
    expect(await nodes.house.command(seller, offering, claims)).toMatchObject({ code: 'id-in-use' });
  });

  it('let a client move from one to the other in the middle of it all, and it misses and repeats nothing', async () => {
    const [seller, bidder, mover] = await Promise.all([at('a', 'stella'), at('b', 'bob'), anywhere('moritz')]);
    const heard = heardBy(mover);
    const reference = heardBy(seller);
    const { lot } = await nodes.list(seller, 600_000);
    const load = startLoad([bidder], lot);
    for (const name of ['a', 'b', 'a', 'b', 'a'] as const) {
      await load.more(40);
      nodes.balancer.point(nodes.ports[name]);
      nodes.balancer.cut();
      const before = heard.length;
      await until('announcements at the other node', () => heard.length > before + 10);
    }
    nodes.balancer.point(nodes.ports.a, nodes.ports.b);
    await load.stop();
    await until('all that was announced', () => heard.length >= load.accepted.length + 1);
    await until('all of it at one node', () => reference.length >= load.accepted.length + 1);
    expect(heard).toEqual(reference);
    await expectExactly(nodes.journal, load.accepted, lot);
  });

  it('close a lot once and disclose its sale once, to a seller and a winner who sit at different nodes', async () => {
    const [seller, winner, other] = await Promise.all([at('a', 'selma'), at('b', 'willy'), at('b', 'otto')]);
    const sales: Record<string, Sale[]> = { selma: [], willy: [], otto: [] };
    const opened: string[] = [];
    for (const client of [seller, winner, other]) {
      client.on('opened', ({ claims }) => opened.push(`${client.username}: ${claims.type}`));
      client.on('auction-closed', (sale) => sales[client.username]?.push(sale));
    }
    const { lot, closesAt } = await nodes.list(seller, 120_000);
    await other.bid({ lot, amount: 200 as Amount });
    expect(await winner.bid({ lot, amount: 250 as Amount })).toMatchObject({ outcome: 'accepted' });
    await nodes.house.travelPastClosing(closesAt);

    await until('both notices', () => sales['selma']!.length + sales['willy']!.length >= 2, 20_000);
    expect(sales['selma']).toMatchObject([{ notice: { lot, hammerPrice: 250 }, counterparty: { username: 'willy' } }]);
    expect(sales['willy']).toMatchObject([{ notice: { lot, hammerPrice: 250 }, counterparty: { username: 'selma' } }]);
    expect(sales['otto']).toEqual([]);
    const kinds = await until('both acknowledgements', async () => {
      const records = (await readPostgresJournal(nodes.journal)).filter((record) => record.lot === lot);
      return records.length >= 7 && records.map((record) => record.public.kind);
    });
    expect(kinds).toEqual(['listed', 'bid', 'bid', 'closed', 'disclosed', 'acknowledged', 'acknowledged']);
    // Each opens what binds the other, whose record came in at another node.
    await until('both openings', () => opened.length >= 2, 20_000);
    expect(opened.toSorted()).toEqual(['selma: bid', 'willy: list']);
    // The Trusted Service was asked by one of them alone.
    const logs = nodes.node('a').log + nodes.node('b').log;
    expect(logs.split('\n').filter((line) => line.includes(lot) && line.includes('was disclosed'))).toHaveLength(1);
  });

  it('lose and double nothing when one after the other is killed under load, and the right one wins', async () => {
    const [seller, ...bidders] = await Promise.all(['sally', 'ada', 'bruno', 'cora', 'dave'].map(anywhere));
    const failed: unknown[] = [];
    for (const client of [seller, ...bidders]) client?.on('failed', (error) => failed.push(error));
    const { lot, closesAt } = await nodes.list(seller!, 600_000);
    const load = startLoad(bidders, lot);
    for (const name of ['a', 'b', 'a'] as const) {
      await load.more(60);
      await nodes.node(name).kill();
      // The others go on, and those who were there go to the other one.
      await load.more(60);
      await nodes.startNode(name);
    }
    await load.more(60);
    await load.stop();
    await expectExactly(nodes.journal, load.accepted, lot);
    expect([...load.noes].filter((reason) => reason !== 'bid-below-increment')).toEqual([]);

    await nodes.house.travelPastClosing(closesAt);
    const closed = await until('the closing', async () =>
      (await readPostgresJournal(nodes.journal)).find((one) => one.lot === lot && one.public.kind === 'closed'),
    );
    const winner = auditedWinner(load.accepted, lot);
    const winning = (await readPostgresJournal(nodes.journal)).find(({ id }) => id === winner?.id);
    expect(closed.public).toMatchObject({ hammerPrice: winner?.amount, pseudonym: winning?.public.pseudonym });
    expect(failed).toEqual([]);
  });
});
