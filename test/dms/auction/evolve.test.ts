/** A lot as the fold of its events; what does not fit stops the process instead of bending the state. */
import { describe, expect, it } from 'vitest';
import type { AuctionEvent } from '../../../dms/auction/events.ts';
import { evolve } from '../../../dms/auction/evolve.ts';
import { InvariantViolation } from '../../../shared/invariant.ts';
import type { Position } from '../../../shared/wire/vocabulary.ts';
import { bid, close, LOT, pseudonymOf, Saleroom, SELLER, subjectOf, TERMS_DIGEST, termsOf } from './saleroom.ts';

const ENVELOPES = { seller: 'for-seller', winner: 'for-winner' };
const disclosed = { type: 'sale-disclosed', lot: LOT, envelopes: ENVELOPES } as AuctionEvent;
const acknowledged = (role: 'seller' | 'winner'): AuctionEvent => ({ type: 'notice-acknowledged', lot: LOT, role });

function sold(): Saleroom {
  const room = Saleroom.withLot();
  room.submit(bid({ who: 'ann', amount: 100, at: 5_000, serial: 2 }));
  room.submit(close(13_000));
  return room;
}

function unsold(): Saleroom {
  const room = Saleroom.withLot();
  room.submit(close(13_000));
  return room;
}

describe('a lot', () => {
  it('begins with its listing', () => {
    expect(Saleroom.withLot().open).toEqual({
      id: LOT,
      number: 1,
      seller: SELLER,
      terms: termsOf({}),
      termsDigest: TERMS_DIGEST,
      listedAt: 0,
      listedSerial: 1,
      listedPosition: 1,
      closesAt: 10_000,
      status: 'open',
      version: 1,
      told: { bids: 0, closesAt: 10_000 },
      withheld: [],
      notices: {},
    });
  });

  it('keeps its winning bid, with the record that holds it', () => {
    const { open } = sold();
    expect(open.status).toBe('sold');
    expect(open.closing).toEqual({
      position: 3,
      at: 13_000,
      winning: {
        position: 2,
        bidder: subjectOf('ann'),
        amount: 100,
        pseudonym: pseudonymOf(2),
        at: 5_000,
        serial: 2,
        closesAt: 10_000,
      },
    });
  });

  it('counts its records', () => {
    const room = sold();
    room.disclose();
    room.record(acknowledged('winner'));
    expect(room.open.version).toBe(5);
  });

  it('has notices for both parties from the disclosure on, each until it is acknowledged', () => {
    const room = sold();
    expect(room.open.notices).toEqual({});
    room.disclose();
    room.record(acknowledged('seller'));
    expect(room.open.notices).toEqual({
      seller: { position: 4, acknowledged: true },
      winner: { position: 4, envelope: 'for-winner', acknowledged: false },
    });
    room.record(acknowledged('seller'));
    expect(room.open.notices.seller).toEqual({ position: 4, acknowledged: true });
  });

  it('that is unsold has a notice for the seller from the closing on', () => {
    expect(unsold().open.notices).toEqual({ seller: { position: 2, acknowledged: false } });
  });
});

describe('an event that does not fit', () => {
  const room = Saleroom.withLot();
  const listed = room.events[0]!;
  const placed = { ...sold().events[1], withheld: false } as AuctionEvent;
  const closedUnsold = unsold().events[1]!;
  const closedSold = sold().events[2]!;

  it.each<[string, Saleroom, AuctionEvent]>([
    ['a listing of a lot that is there', Saleroom.withLot(), listed],
    ['a bid on a lot that was never listed', new Saleroom(), placed],
    ['an event of another lot', Saleroom.withLot(), { ...placed, lot: 'another' } as unknown as AuctionEvent],
    ['a bid after the closing', unsold(), placed],
    ['a second closing', unsold(), closedUnsold],
    ['a sale without a bid', Saleroom.withLot(), closedSold],
    ['a disclosure before the closing', Saleroom.withLot(), disclosed],
    ['a disclosure of an unsold lot', unsold(), disclosed],
    ['an acknowledgement of nothing', sold(), acknowledged('winner')],
    ['an acknowledgement by the winner of an unsold lot', unsold(), acknowledged('winner')],
  ])('is a bug: %s', (_what, { lot }, event) => {
    expect(() => evolve(lot, event, 9 as Position)).toThrow(InvariantViolation);
  });

  it('is a bug: a closing that does not name the greatest bid, or a disclosure after the first', () => {
    const withBid = Saleroom.withLot();
    withBid.submit(bid({ who: 'ann', amount: 100, at: 5_000, serial: 2 }));
    const closing = (changes: object) => ({ ...closedSold, ...changes }) as AuctionEvent;
    expect(() => withBid.record(closedUnsold)).toThrow(InvariantViolation);
    expect(() => withBid.record(closing({ pseudonym: pseudonymOf(3) }))).toThrow(InvariantViolation);
    expect(() => withBid.record(closing({ hammerPrice: 99 }))).toThrow(InvariantViolation);
    const done = sold();
    done.disclose();
    expect(() => done.disclose()).toThrow(InvariantViolation);
  });
});
