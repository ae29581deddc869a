/** The auditor's rules against those of the house, on random auctions: two ideas of one truth, and no line in common. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokenRule } from '../../../client/audit/finding.ts';
import { LotBook } from '../../../client/audit/lot-book.ts';
import type { AuctionEvent } from '../../../dms/auction/events.ts';
import type { PublicRecord } from '../../../shared/journal/record.ts';
import { auctions, play } from '../../dms/auction/random-auction.ts';

/** The public record of an event, and what its stamp says. */
function recordOf(event: AuctionEvent, index: number) {
  const stamp =
    'at' in event ? { at: event.at, serial: 'serial' in event ? event.serial : 0, clock: 'real' } : undefined;
  const kind = {
    'lot-listed': 'listed',
    'bid-placed': 'bid',
    'lot-closed': 'closed',
    'sale-disclosed': 'disclosed',
    'notice-acknowledged': 'acknowledged',
  }[event.type];
  const record = { ...event, v: 1, kind, imprint: `imprint ${index}` } as unknown as PublicRecord;
  return { record, ...(stamp && { stamp }) };
}

function audit(events: readonly AuctionEvent[]): LotBook {
  const book = new LotBook();
  for (const [index, event] of events.entries()) book.take(recordOf(event, index));
  return book;
}

describe('the auditor', () => {
  it('agrees with the house about every record of every auction, and about its end', () => {
    fc.assert(
      fc.property(auctions(), (auction) => {
        const room = play(auction);
        const [lot] = audit(room.events).lots.values();
        const { closing, leading, closesAt, told } = room.open;
        expect(lot).toMatchObject({ closesAt, toldClosesAt: told.closesAt, bids: told.bids });
        expect(lot!.closed).toMatchObject({
          outcome: room.open.status === 'sold' ? 'sold' : 'unsold',
          at: closing!.at,
        });
        expect([lot!.closed!.hammerPrice, lot!.closed!.pseudonym]).toEqual([leading?.amount, leading?.pseudonym]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('sees whenever a house names another price, winner or closing than it has recorded', () => {
    const lies = fc.constantFrom<(event: AuctionEvent) => object>(
      (event) =>
        event.type === 'lot-closed' && event.outcome === 'sold' ? { hammerPrice: (event.hammerPrice ?? 0) + 1 } : {},
      (event) => (event.type === 'lot-closed' && event.outcome === 'sold' ? { pseudonym: 'somebody else' } : {}),
      (event) => (event.type === 'lot-closed' ? { outcome: event.outcome === 'sold' ? 'unsold' : 'sold' } : {}),
      (event) => (event.type === 'lot-closed' ? { at: 12_999 } : {}),
      (event) => (event.type === 'bid-placed' ? { closesAt: event.closesAt + 1 } : {}),
      (event) => (event.type === 'bid-placed' ? { amount: 99 } : {}),
      (event) => (event.type === 'bid-placed' ? { at: 1_000_000 } : {}),
    );
    fc.assert(
      fc.property(auctions(), lies, (auction, lie) => {
        const { events } = play(auction);
        const told = events.map((event) => ({ ...event, ...lie(event) }) as AuctionEvent);
        fc.pre(JSON.stringify(told) !== JSON.stringify(events));
        expect(() => audit(told)).toThrow(BrokenRule);
      }),
      { numRuns: 1_000 },
    );
  });
});
