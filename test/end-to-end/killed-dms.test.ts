/** kill -9 under load: every acknowledged bid is there, once, and the clients go on by themselves. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuctionClient } from '../../client/auction-client.ts';
import type { CommandResult } from '../../client/client-options.ts';
import type { Sale } from '../../client/notice-desk.ts';
import { ProtocolError } from '../../shared/errors.ts';
import type { Amount, CommandId, LotId } from '../../shared/wire/vocabulary.ts';
import { DmsProcess } from '../support/dms-process.ts';
import { readJournal } from '../support/journal-records.ts';
import { RunningHouse } from '../support/running-house.ts';
import { until } from '../support/until.ts';

const BIDDERS = ['anna', 'bert', 'cleo', 'dora'];
const BIDS_AT_ONCE = 4;

let house: RunningHouse;
let dms: DmsProcess;
let seller: AuctionClient;
let bidders: AuctionClient[];
beforeAll(async () => {
  house = await RunningHouse.start({ withoutDms: true });
  dms = await DmsProcess.start(house);
  seller = await house.enrolled('sue');
  bidders = await Promise.all(BIDDERS.map((name) => house.enrolled(name)));
});
afterAll(async () => {
  await dms.kill();
  await house.close();
});

interface Load {
  /** Every bid that was answered with a yes. */
  readonly accepted: (CommandResult & { outcome: 'accepted'; amount: number })[];
  readonly answers: Record<string, number>;
  stop(): Promise<void>;
}

/** Everybody bids, several bids at a time, until it is told to stop. Only what is no answer ends it. */
function startLoad(lot: LotId): Load {
  const accepted: Load['accepted'] = [];
  const answers: Record<string, number> = {};
  let amount = 100;
  let isOver = false;
  const bidOn = async (client: AuctionClient) => {
    while (!isOver) {
      amount += 1;
      const [mine, id] = [amount, randomUUID() as CommandId];
      const answer = await client.bid({ lot, amount: mine as Amount, id });
      const said = answer.outcome === 'accepted' ? 'accepted' : answer.reason;
      answers[said] = (answers[said] ?? 0) + 1;
      if (answer.outcome === 'accepted') accepted.push({ ...answer, amount: mine });
    }
  };
  const loops = bidders.flatMap((client) => Array.from({ length: BIDS_AT_ONCE }, () => bidOn(client)));
  const all = Promise.all(loops);
  return {
    accepted,
    answers,
    stop: async () => {
      isOver = true;
      await all;
    },
  };
}

async function list(closesInMs: number): Promise<{ lot: LotId; closesAt: number }> {
  const terms = house.terms({ closesAt: Math.round(house.now()) + closesInMs });
  const answer = await seller.list(terms);
  if (answer.outcome !== 'accepted') throw new Error(answer.reason);
  return { lot: answer.lot, closesAt: terms.closesAt };
}

describe('a DMS that is killed while several clients bid', () => {
  it('has every acknowledged bid once, closes what fell due, and its clients go on', { timeout: 60_000 }, async () => {
    const due = await list(60_000);
    const open = await list(600_000);
    expect(await bidders[1]!.bid({ lot: due.lot, amount: 333 as Amount })).toMatchObject({ outcome: 'accepted' });
    const sales = { seller: [] as Sale[], winner: [] as Sale[], others: [] as Sale[] };
    seller.on('auction-closed', (sale) => sales.seller.push(sale));
    bidders[1]!.on('auction-closed', (sale) => sales.winner.push(sale));
    for (const other of [0, 2, 3]) bidders[other]!.on('auction-closed', (sale) => sales.others.push(sale));
    const failed: unknown[] = [];
    for (const client of [seller, ...bidders]) client.on('failed', (error) => failed.push(error));

    const load = startLoad(open.lot);
    for (const round of [1, 2]) {
      const before = load.accepted.length;
      await until('many acknowledged bids', () => load.accepted.length >= before + 60, 20_000);
      await dms.kill();
      if (round === 2) await house.travelPastClosing(due.closesAt);
      dms = await DmsProcess.start(house);
    }
    const before = load.accepted.length;
    await until('bids of everybody after the second kill', () => load.accepted.length >= before + 60, 20_000);
    await load.stop();

    await until('the notices about the lot that fell due', () => sales.seller.length + sales.winner.length === 2);
    expect(sales.seller[0]).toMatchObject({ notice: { lot: due.lot }, counterparty: { username: 'bert' } });
    expect(sales.winner[0]).toMatchObject({ notice: { hammerPrice: 333 }, counterparty: { username: 'sue' } });
    expect(sales.others).toEqual([]);
    expect(failed).toEqual([]);
    expect(await dms.stop()).toBe(0);

    const records = readJournal(house.journalFile);
    const byId = new Map(records.map((record) => [record.id, record]));
    expect(byId.size).toBe(records.length);
    expect(records.map(({ position }) => position)).toEqual(records.map((_, index) => index + 1));
    for (const { id, position, lot, amount } of load.accepted) {
      expect(byId.get(id)).toMatchObject({ position, lot, public: { kind: 'bid', amount } });
    }
    // Every bid in the journal is one that its bidder was told of: none was recorded twice under two ids.
    const bids = records.filter((record) => record.public.kind === 'bid' && record.lot === open.lot);
    expect(bids.map(({ id }) => id).sort()).toEqual(load.accepted.map(({ id }) => id).sort());
    expect(Object.keys(load.answers).filter((said) => !said.startsWith('bid-') && said !== 'accepted')).toEqual([]);
  });

  it('says who it is to nobody else: a client of another house is not taken in by the same address', async () => {
    // The same port, and a journal of its own: another house. Nothing that was signed for the first is for it.
    const home = house.journalFile;
    await house.startDms({ journal: `sqlite:${home}.other` });
    const failure = await house.enrolled('anna').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'house-changed' });
    expect(failure).not.toBeInstanceOf(ProtocolError);
    await house.stopDms();
  });
});
