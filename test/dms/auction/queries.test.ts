/** What may be asked about lots, and what the answers leave out. */
import { describe, expect, it } from 'vitest';
import { catalogueLot, cataloguePage, partyOf, pendingNotices } from '../../../dms/auction/queries.ts';
import { CatalogueLot } from '../../../shared/wire/announcements.ts';
import { MAX_CATALOGUE_LOTS } from '../../../shared/wire/limits.ts';
import type { LotId } from '../../../shared/wire/vocabulary.ts';
import { bid, close, LOT, Saleroom, SELLER, subjectOf, TERMS_DIGEST } from './saleroom.ts';

const ANN = subjectOf('ann');
const BOB = subjectOf('bob');

/** Ann's bid is told, Bob's greater one is withheld and has moved the closing. */
function inGrace(): Saleroom {
  const room = Saleroom.withLot({ extension: { window: 1_000, by: 1_000, until: 20_000 } });
  room.submit(bid({ who: 'ann', amount: 100, at: 5_000, serial: 2 }));
  room.submit(bid({ who: 'bob', amount: 150, at: 9_500, serial: 3, receivedAt: 11_000 }));
  return room;
}

function sold(): Saleroom {
  const room = inGrace();
  room.submit(close(13_500));
  return room;
}

describe('the catalogue', () => {
  it('shows what everybody was told, and nothing of a withheld bid', () => {
    const { open } = inGrace();
    expect(open.leading?.amount).toBe(150);
    expect(open.closesAt).toBe(10_500);
    expect(catalogueLot(open)).toStrictEqual({
      lot: LOT,
      number: 1,
      terms: open.terms,
      termsDigest: TERMS_DIGEST,
      listedAt: 0,
      listedPosition: 1,
      closesAt: 10_000,
      bids: 1,
      leadingAmount: 100,
      status: 'open',
    });
  });

  it('shows everything once the lot is closed', () => {
    expect(catalogueLot(sold().open)).toMatchObject({ closesAt: 10_500, bids: 2, leadingAmount: 150, status: 'sold' });
  });

  it('has no leading amount without a bid', () => {
    expect(catalogueLot(Saleroom.withLot().open)).not.toHaveProperty('leadingAmount');
  });

  it.each([
    ['nothing', 0, 0, []],
    ['one page that is not full', 3, 0, [3]],
    ['one full page', MAX_CATALOGUE_LOTS, 0, [MAX_CATALOGUE_LOTS]],
    ['a second page of one lot', MAX_CATALOGUE_LOTS + 1, 0, [MAX_CATALOGUE_LOTS, 1]],
    ['three pages', 2 * MAX_CATALOGUE_LOTS + 7, 0, [MAX_CATALOGUE_LOTS, MAX_CATALOGUE_LOTS, 7]],
    ['what comes after a lot', 5, 3, [2]],
    ['what comes after a lot that is not in it', 5, 4.5, [1]],
    ['nothing after the last', 5, 5, []],
  ])('is told in pages: %s', (_what, count, after, expected) => {
    const { open } = Saleroom.withLot();
    const all = Array.from({ length: count }, (_, index) => ({
      ...open,
      id: `lot ${index}` as LotId,
      number: index + 1,
    }));
    const lots = new Map(all.map((lot) => [lot.id, lot]));
    const told: number[] = [];
    const sizes: number[] = [];
    for (let [last, more] = [after, true]; more; ) {
      const page = cataloguePage([...lots.keys()], lots, last);
      told.push(...page.lots.map(({ number }) => number));
      if (page.lots.length > 0) sizes.push(page.lots.length);
      last = told.at(-1) ?? last;
      more = page.more === true;
    }
    expect(sizes).toEqual(expected);
    expect(told).toEqual(all.map(({ number }) => number).filter((number) => number > after));
  });

  it('has pages of one seller, whose lots are not one after another', () => {
    const { open } = Saleroom.withLot();
    const lots = new Map([2, 3, 7, 9].map((number) => [`lot ${number}` as LotId, { ...open, number }]));
    const beyond = (number: number) => cataloguePage([...lots.keys()], lots, number).lots.map((lot) => lot.number);
    expect([beyond(0), beyond(2), beyond(5), beyond(9)]).toEqual([[2, 3, 7, 9], [3, 7, 9], [7, 9], []]);
  });

  it('has no field that the wire does not know', () => {
    const known = Object.keys(CatalogueLot.shape).sort();
    expect(Object.keys(catalogueLot(sold().open)).sort()).toEqual(known);
  });
});

describe('the parties', () => {
  it('are the seller from the beginning, and the winner once the lot is sold', () => {
    expect(partyOf(inGrace().open, 'seller')).toBe(SELLER);
    expect(partyOf(inGrace().open, 'winner')).toBeUndefined();
    expect(partyOf(sold().open, 'winner')).toBe(BOB);
  });
});

describe('pending notices', () => {
  it('of a sold lot wait for the disclosure, then go to seller and winner, each with the own envelope', () => {
    const room = sold();
    expect(pendingNotices([room.open], SELLER)).toEqual([]);
    room.disclose();
    const common = { position: 5, lot: LOT, number: 1, outcome: 'sold', hammerPrice: 150 };
    expect(pendingNotices([room.open], SELLER)).toStrictEqual([{ ...common, role: 'seller', envelope: 'for-seller' }]);
    expect(pendingNotices([room.open], BOB)).toStrictEqual([{ ...common, role: 'winner', envelope: 'for-winner' }]);
    expect(pendingNotices([room.open], ANN)).toEqual([]);
  });

  it('of an unsold lot are there for the seller at once, without price or envelope', () => {
    const room = Saleroom.withLot();
    expect(pendingNotices([room.open], SELLER)).toEqual([]);
    room.submit(close(13_000));
    const notice = { position: 2, lot: LOT, number: 1, role: 'seller', outcome: 'unsold' };
    expect(pendingNotices([room.open], SELLER)).toStrictEqual([notice]);
  });

  it("end with the party's own acknowledgement", () => {
    const room = sold();
    room.disclose();
    room.record({ type: 'notice-acknowledged', lot: LOT, role: 'winner' });
    expect(pendingNotices([room.open], BOB)).toEqual([]);
    expect(pendingNotices([room.open], SELLER)).toHaveLength(1);
  });

  it('come in order of position', () => {
    const first = Saleroom.withLot();
    first.submit(close(13_000));
    const second = Saleroom.withLot({ closesAt: 5_000 });
    second.submit(bid({ who: 'ann', amount: 100, at: 1_000, serial: 2 }));
    second.submit(close(8_000));
    second.disclose();
    const positions = pendingNotices([second.open, first.open], SELLER).map(({ position }) => position);
    expect(positions).toEqual([2, 4]);
  });

  it('of several lots of different roles reach one subject', () => {
    const room = sold();
    room.disclose();
    const own = Saleroom.withLot();
    own.submit(close(13_000));
    const lots = [room.open, { ...own.open, seller: BOB }];
    expect(pendingNotices(lots, BOB).map(({ role }) => role)).toEqual(['seller', 'winner']);
  });
});
