/** Backdating round the close, and bids held back: whoever waits for what the others bid learns nothing, and wins nothing by it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CompactJws } from '../../shared/wire/vocabulary.ts';
import type { HandParticipant } from '../support/hand-participant.ts';
import { readJournal } from '../support/journal-records.ts';
import type { Answer, RawSocket } from '../support/raw-socket.ts';
import { type ListedLot, RunningHouse } from '../support/running-house.ts';
import { until } from '../support/until.ts';

let house: RunningHouse;
let seller: HandParticipant;
let honest: HandParticipant;
let sly: HandParticipant;
beforeAll(async () => {
  house = await RunningHouse.start();
  seller = await house.participant('sue');
  honest = await house.participant('hal');
  sly = await house.participant('sly');
});
afterAll(() => house.close());

let lot: ListedLot;
let closesAt: number;
let sellers: RawSocket;
let hals: RawSocket;
let slys: RawSocket;
beforeEach(async () => {
  [sellers, hals, slys] = [await house.rawSocket(seller), await house.rawSocket(honest), await house.rawSocket(sly)];
  lot = await house.list(seller, sellers);
  ({ closesAt } = lot.terms);
});

interface Held {
  readonly statement: CompactJws;
  readonly sealed: string;
}

/** Signs bids now; the second call stamps them all at once and seals them. They are not sent. */
async function prepare(who: HandParticipant, socket: RawSocket, amounts: readonly number[]) {
  const statements = await Promise.all(amounts.map((amount) => house.statement(who, house.bidClaims(lot, amount))));
  return async (): Promise<Held[]> => {
    const stamps = await Promise.all(statements.map((statement) => who.stamp(statement)));
    return statements.map((statement, index) => {
      return { statement, sealed: who.seal(statement, stamps[index]!, socket.sealingKey) };
    });
  };
}

const passed = (moment: number) => until('a moment to pass', () => house.now() > moment);

/** What anybody can see of the lot. */
async function publicView(socket: RawSocket): Promise<Answer> {
  const { lots } = await socket.ask('query', { type: 'allitems' });
  return lots.find((one: Answer) => one.lot === lot.lot);
}

/** An answer without the position, which only counts records. */
function wordsOf({ position: _position, ...words }: Answer): Answer {
  return words;
}

describe('a hundred bids, stamped in time and held back until after the closing', () => {
  it('all get the same answer, move nothing that anybody sees, and bind who sent them', async () => {
    expect(await house.bid(honest, hals, lot, 200)).toMatchObject({ outcome: 'accepted' });
    await hals.told('someone_bid');
    // What the sly one would like to know: that the honest one goes up to 260, and does so only in the grace.
    const stampSecret = await prepare(honest, hals, [260]);
    const stampHeld = await prepare(
      sly,
      slys,
      Array.from({ length: 100 }, (_, index) => 201 + index),
    );
    await house.travelTo(closesAt - 1_500);
    const [secret] = await stampSecret();
    const held = await stampHeld();
    await passed(closesAt);
    const before = await publicView(slys);
    expect(before).toMatchObject({ leadingAmount: 200, bids: 1, closesAt, status: 'open' });
    const bidsHeard = slys.heard.filter(({ name }) => name === 'someone_bid').length;

    expect(await hals.ask('command', secret!.sealed)).toMatchObject({ outcome: 'accepted' });
    // He feels his way: upwards, and then again below what he has bid already. No answer tells where 260 is.
    const answers: Answer[] = await Promise.all(held.map(({ sealed }) => slys.ask('command', sealed)));
    expect(new Set(answers.map((answer) => JSON.stringify(wordsOf(answer))))).toEqual(
      new Set([JSON.stringify({ outcome: 'accepted', lot: lot.lot, number: lot.number })]),
    );
    expect(await publicView(slys)).toEqual(before);
    expect(slys.heard.filter(({ name }) => name === 'someone_bid')).toHaveLength(bidsHeard);
    expect((await slys.ask('query', { type: 'announcements', since: 0 })).catchUp.announcements).not.toContainEqual(
      expect.objectContaining({ amount: 260 }),
    );

    await house.travelPastClosing(closesAt);
    const closed = (await slys.told('item_closed')).find((one) => one.lot === lot.lot);
    // All count, the greatest wins, and that is what he pays: not one step more than the honest bid.
    expect(closed).toMatchObject({ outcome: 'sold', hammerPrice: 300 });
    expect(await publicView(slys)).toMatchObject({ leadingAmount: 300, bids: 102, status: 'sold' });
    const announced = slys.heard.filter(({ name }) => name === 'someone_bid').flatMap(({ args }) => args[0]);
    expect(announced.map(({ amount }) => amount)).toEqual(expect.arrayContaining([260, 300]));
  });

  it('win nothing from an honest bidder who has bid more, and are told of only when it is over', async () => {
    const stampHighest = await prepare(honest, hals, [500]);
    const stampHeld = await prepare(sly, slys, [300, 400, 499, 500]);
    await house.travelTo(closesAt - 1_000);
    const [highest] = await stampHighest();
    const held = await stampHeld();
    await passed(closesAt);
    expect(await hals.ask('command', highest!.sealed)).toMatchObject({ outcome: 'accepted' });
    for (const { sealed } of held) expect(await slys.ask('command', sealed)).toMatchObject({ outcome: 'accepted' });
    expect(await publicView(slys)).not.toHaveProperty('leadingAmount');
    await house.travelPastClosing(closesAt);
    await hals.told('auction_closed');
    // The tie at 500 is his who was stamped first.
    expect(hals.notices).toContainEqual(expect.objectContaining({ lot: lot.lot, role: 'winner', hammerPrice: 500 }));
    expect(slys.notices).not.toContainEqual(expect.objectContaining({ lot: lot.lot }));
  });

  it('are not taken any more when the lot is closed: the closing is the last record', async () => {
    await house.bid(honest, hals, lot, 150);
    const stampHeld = await prepare(sly, slys, [700]);
    await house.travelTo(closesAt - 1_000);
    const held = await stampHeld();
    await house.travelPastClosing(closesAt);
    await until('the closing', () => sellers.notices.some((notice) => notice.lot === lot.lot));
    const answer = await slys.ask('command', held[0]!.sealed);
    // The clock was set meanwhile; with a fresh stamp it is too late as well.
    expect(answer).toMatchObject({ outcome: 'refused', code: 'timestamp-stale' });
    const again = sly.seal(held[0]!.statement, await sly.stamp(held[0]!.statement), slys.sealingKey);
    expect(await slys.ask('command', again)).toEqual({ outcome: 'rejected', reason: 'lot-closed' });
    const kinds = readJournal(house.journalFile)
      .filter((record) => record.lot === lot.lot)
      .map((record) => record.public.kind);
    expect(kinds).toEqual(['listed', 'bid', 'closed', 'disclosed']);
  });
});

describe('a bid that is stamped too late', () => {
  it('is rejected, although the lot is still open for bids on their way', async () => {
    await house.travelTo(closesAt - 100);
    await passed(closesAt);
    for (const amount of [150, 1_000_000]) {
      expect(await house.bid(sly, slys, lot, amount)).toEqual({
        outcome: 'rejected',
        reason: 'timestamp-after-closing',
      });
    }
    expect(await publicView(slys)).toMatchObject({ bids: 0, status: 'open' });
  });

  it('is not made an earlier one by changing what its token says', async () => {
    await house.travelTo(closesAt - 100);
    await passed(closesAt);
    const statement = await house.statement(sly, house.bidClaims(lot, 150));
    const { batch, ...place } = await sly.stamp(statement);
    const [header, claims, signature] = batch.split('.') as [string, string, string];
    const stated = JSON.parse(Buffer.from(claims, 'base64url').toString());
    for (const change of [{ time: closesAt - 50 }, { serial: 0 }, { epoch: stated.epoch + 1 }]) {
      const payload = Buffer.from(JSON.stringify({ ...stated, ...change })).toString('base64url');
      const token = { ...place, batch: `${header}.${payload}.${signature}` as CompactJws };
      const sealed = sly.seal(statement, token, slys.sealingKey);
      expect(await slys.ask('command', sealed)).toMatchObject({ code: 'timestamp-invalid' });
    }
  });
});
