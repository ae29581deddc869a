/** Who may learn what: the letters of each event, and privacy as properties over random auctions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Letter } from '../../../dms/publication/letters.ts';
import { Announcement } from '../../../shared/wire/announcements.ts';
import { auctions, play } from '../auction/random-auction.ts';
import { bid, close, LOT, pseudonymOf, Saleroom, SELLER, subjectOf, termsOf } from '../auction/saleroom.ts';

const publicOf = (letters: readonly Letter[]): Announcement[] =>
  letters.flatMap((letter) => ('announcement' in letter ? [letter.announcement] : []));
const privateOf = (letters: readonly Letter[]) => letters.filter((letter) => 'notice' in letter);

describe('the letters', () => {
  it('of a listing: someone_listed to everybody', () => {
    expect(Saleroom.withLot().letters).toStrictEqual([
      {
        to: 'everybody',
        announcement: {
          event: 'someone_listed',
          position: 1,
          lot: LOT,
          number: 1,
          terms: termsOf({}),
          pseudonym: pseudonymOf(1),
          at: 0,
        },
      },
    ]);
  });

  it('of a bid: someone_bid to everybody', () => {
    const room = Saleroom.withLot();
    expect(room.submit(bid({ who: 'ann', amount: 100, at: 5_000, serial: 2 })).letters).toStrictEqual([
      {
        to: 'everybody',
        announcement: {
          event: 'someone_bid',
          position: 2,
          lot: LOT,
          amount: 100,
          pseudonym: pseudonymOf(2),
          at: 5_000,
          closesAt: 10_000,
          bids: 1,
        },
      },
    ]);
  });

  it('of withheld bids: none before the closing, then in order of position before item_closed', () => {
    const room = Saleroom.withLot();
    room.submit(bid({ who: 'ann', amount: 100, at: 5_000, serial: 2 }));
    expect(room.submit(bid({ who: 'bob', amount: 150, at: 9_000, serial: 3, receivedAt: 10_000 })).letters).toEqual([]);
    expect(room.submit(bid({ who: 'cy', amount: 120, at: 9_001, serial: 4, receivedAt: 10_001 })).letters).toEqual([]);
    expect(publicOf(room.submit(close(13_000)).letters)).toMatchObject([
      { event: 'someone_bid', position: 3, amount: 150, bids: 2 },
      { event: 'someone_bid', position: 4, amount: 120, bids: 3 },
      { event: 'item_closed', position: 5, outcome: 'sold', hammerPrice: 150, pseudonym: pseudonymOf(3), at: 13_000 },
    ]);
  });

  it('of a bid that reopens the lot: what was withheld, each with the closing after it, then itself', () => {
    const room = Saleroom.withLot({ extension: { window: 1_000, by: 1_000, until: 20_000 } });
    room.submit(bid({ who: 'ann', amount: 150, at: 9_100, serial: 2, receivedAt: 10_100 }));
    const { letters } = room.submit(bid({ who: 'bob', amount: 100, at: 9_500, serial: 3, receivedAt: 10_200 }));
    expect(publicOf(letters)).toMatchObject([
      { position: 2, amount: 150, closesAt: 10_100, bids: 1 },
      { position: 3, amount: 100, closesAt: 10_500, bids: 2 },
    ]);
  });

  it('of an unsold lot: item_closed to everybody, auction_closed to the seller alone', () => {
    const { letters } = Saleroom.withLot().submit(close(13_000));
    expect(letters).toStrictEqual([
      { to: 'everybody', announcement: { event: 'item_closed', position: 2, lot: LOT, outcome: 'unsold', at: 13_000 } },
      { to: SELLER, notice: { position: 2, lot: LOT, number: 1, role: 'seller', outcome: 'unsold' } },
    ]);
  });

  it('of a sold lot: auction_closed with the disclosure, to each party the own envelope', () => {
    const room = Saleroom.withLot();
    room.submit(bid({ who: 'ann', amount: 100, at: 5_000, serial: 2 }));
    room.submit(bid({ who: 'bob', amount: 110, at: 5_001, serial: 3 }));
    expect(privateOf(room.submit(close(13_000)).letters)).toEqual([]);
    const common = { position: 5, lot: LOT, number: 1, outcome: 'sold', hammerPrice: 110 };
    expect(room.disclose()).toStrictEqual([
      { to: SELLER, notice: { ...common, role: 'seller', envelope: 'for-seller' } },
      { to: subjectOf('bob'), notice: { ...common, role: 'winner', envelope: 'for-winner' } },
    ]);
    expect(room.record({ type: 'notice-acknowledged', lot: LOT, role: 'seller' })).toEqual([]);
  });
});

describe('in every auction', () => {
  const RUNS = { numRuns: 400 };
  const SUBJECTS = ['seller', 'ann', 'bob', 'cy', 'dee'].map(subjectOf);

  it('no byte that everybody receives names a subject, and private letters name none either', () => {
    fc.assert(
      fc.property(auctions(), (auction) => {
        const { letters } = play(auction);
        const bytes = JSON.stringify([publicOf(letters), privateOf(letters).map(({ notice }) => notice)]);
        expect(SUBJECTS.filter((subject) => bytes.includes(subject))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('every announcement is of the wire, and has a pseudonym of its own', () => {
    fc.assert(
      fc.property(auctions(), (auction) => {
        const { letters } = play(auction);
        const announcements = publicOf(letters);
        for (const announcement of announcements) {
          expect(Object.keys(Announcement.parse(announcement))).toEqual(
            expect.arrayContaining(Object.keys(announcement)),
          );
        }
        const names = announcements.filter(({ event }) => event !== 'item_closed').map(({ pseudonym }) => pseudonym);
        expect(new Set(names).size).toBe(names.length);
      }),
      { numRuns: 100 },
    );
  });

  it('every recorded bid is announced once, in order of position, counted from 1, before item_closed', () => {
    fc.assert(
      fc.property(auctions(), (auction) => {
        const room = play(auction);
        const announcements = publicOf(room.letters);
        const bids = announcements.filter((one) => one.event === 'someone_bid');
        const recorded = room.events.flatMap((event, index) => (event.type === 'bid-placed' ? [index + 1] : []));
        expect(bids.map(({ position }) => position)).toEqual(recorded);
        expect(bids.map(({ bids: count }) => count)).toEqual(recorded.map((_, index) => index + 1));
        expect(announcements.at(-1)?.event).toBe('item_closed');
      }),
      RUNS,
    );
  });

  it('auction_closed goes to exactly seller and winner, or to the seller of an unsold lot', () => {
    fc.assert(
      fc.property(auctions(), (auction) => {
        const room = play(auction);
        const winner = room.open.leading?.bidder;
        const receivers = privateOf(room.letters).map(({ to, notice }) => [to, notice.role, notice.envelope]);
        const expected =
          winner === undefined
            ? [[SELLER, 'seller', undefined]]
            : [
                [SELLER, 'seller', 'for-seller'],
                [winner, 'winner', 'for-winner'],
              ];
        expect(receivers).toEqual(expected);
      }),
      RUNS,
    );
  });
});
