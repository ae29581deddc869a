import { describe, expect, it } from 'vitest';
import type { AuctionEvent, BidPlaced, LotClosed, LotListed } from '../../../dms/auction/events.ts';
import {
  eventOf,
  type RecordParts,
  recordOfClosing,
  recordOfCommand,
  recordOfDisclosure,
} from '../../../dms/commit/event-record.ts';
import type { Recorded } from '../../../dms/journal/journal.ts';
import { digestOfText } from '../../../shared/crypto/digest.ts';
import { encodeRecord } from '../../../shared/journal/record.ts';
import type { LotId, Position } from '../../../shared/wire/vocabulary.ts';
import { codeThrownBy } from '../../support/refusal.ts';
import { bid, closingAt, listing, lotOf, newSalt } from '../house-fixture.ts';

const desk = await listing({
  terms: { description: 'With *two* drawers\nand “ink” stains ☕' },
  at: 1_234,
  serial: 77,
});
const offer = await bid(desk, { amount: 100, at: 2_345, serial: 78 });
const lot = lotOf(desk);

const { subject: seller, terms, termsDigest, pseudonym, at, serial } = desk[0];
const listed: LotListed = { type: 'lot-listed', lot, number: 5, seller, terms, termsDigest, pseudonym, at, serial };
const placed: BidPlaced = {
  type: 'bid-placed',
  lot,
  bidder: offer[0].subject,
  amount: offer[0].amount,
  pseudonym: offer[0].pseudonym,
  at: offer[0].at,
  serial: offer[0].serial,
  closesAt: terms.closesAt,
  withheld: true,
};
const closing = await closingAt(13_000);
const unsold = { type: 'lot-closed', lot, outcome: 'unsold', at: 13_000 } as LotClosed;
const sold = { ...unsold, outcome: 'sold', hammerPrice: placed.amount, pseudonym: placed.pseudonym } as LotClosed;

function recorded(parts: RecordParts, of: LotId = lot): Recorded {
  const record = encodeRecord(parts.public, parts.private, newSalt());
  return { position: 9 as Position, id: 'id', lot: of, version: 1, record };
}

describe('an event and its record', () => {
  const acknowledged: AuctionEvent = { type: 'notice-acknowledged', lot, role: 'winner' };
  const disclosed: AuctionEvent = { type: 'sale-disclosed', lot, envelopes: { seller: 'one', winner: 'two' } };

  it.each<[string, AuctionEvent, RecordParts]>([
    ['listing', listed, recordOfCommand(listed, desk[1])],
    ['bid', placed, recordOfCommand(placed, offer[1])],
    ['closing without a sale', unsold, recordOfClosing(unsold, closing)],
    ['closing of a sale', sold, recordOfClosing(sold, closing)],
    ['disclosure', disclosed, recordOfDisclosure(disclosed)],
    ['receipt', acknowledged, recordOfDisclosure(acknowledged)],
  ])('are the same thing: %s', (_, event, parts) => {
    expect(eventOf(recorded(parts), 5)).toStrictEqual(event);
  });

  it('carry the statement in digest for everybody, in full for the house', () => {
    const parts = recordOfCommand(placed, offer[1]);
    expect(parts.public).toMatchObject({ imprint: digestOfText(offer[1].statement), timestamp: offer[1].timestamp });
    const { statement, certificate } = offer[1];
    expect(parts.private).toEqual({ kind: 'signed', statement, certificate, subject: placed.bidder });
  });

  it('are refused where the parts are not of one record', () => {
    const [command, secret] = [recordOfCommand(placed, offer[1]), recordOfDisclosure(disclosed)];
    const damaged = (parts: RecordParts, of?: LotId) => codeThrownBy(() => eventOf(recorded(parts, of), 5));
    expect(damaged({ public: command.public, private: secret.private })).toBe('record-damaged');
    expect(damaged({ public: secret.public, private: command.private })).toBe('record-damaged');
    expect(damaged(command, crypto.randomUUID() as string as LotId)).toBe('record-damaged');
    expect(damaged(command)).toBeUndefined();
  });
});
