/** Lots, announcements and answers as a house would send them, for tests of what the client makes of them. */
import { digestOfTerms } from '../../shared/crypto/digest.ts';
import { type Announcement, CatalogueLot } from '../../shared/wire/announcements.ts';
import { LotTerms } from '../../shared/wire/commands.ts';
import type { Amount, Instant, LotId, Position, Pseudonym } from '../../shared/wire/vocabulary.ts';

export const T0 = Date.UTC(2026, 10, 21, 12) as Instant;

/** `00000000-0000-4000-8000-00000000000n` */
export function uuid(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

export const lotId = (n: number): LotId => uuid(n) as LotId;
export const at = (seconds: number): Instant => (T0 + seconds * 1_000) as Instant;

export function termsOf(n: number, changes: Partial<LotTerms> = {}): LotTerms {
  return LotTerms.parse({
    title: `Lot ${n}`,
    currency: 'EUR',
    startingPrice: 10_000,
    increment: 500,
    closesAt: at(600),
    ...changes,
  });
}

export function catalogueLot(n: number, changes: Partial<CatalogueLot> = {}): CatalogueLot {
  const terms = changes.terms ?? termsOf(n);
  return CatalogueLot.parse({
    lot: lotId(n),
    number: n,
    terms,
    termsDigest: digestOfTerms(terms),
    listedAt: T0,
    closesAt: terms.closesAt,
    bids: 0,
    status: 'open',
    ...changes,
  });
}

export function listed(position: number, n: number): Extract<Announcement, { event: 'someone_listed' }> {
  return {
    event: 'someone_listed',
    position: position as Position,
    lot: lotId(n),
    number: n,
    terms: termsOf(n),
    pseudonym: uuid(1_000 + position) as Pseudonym,
    at: T0,
  };
}

export function bid(
  position: number,
  n: number,
  amount: number,
  changes: Partial<Extract<Announcement, { event: 'someone_bid' }>> = {},
): Extract<Announcement, { event: 'someone_bid' }> {
  return {
    event: 'someone_bid',
    position: position as Position,
    lot: lotId(n),
    amount: amount as Amount,
    pseudonym: uuid(1_000 + position) as Pseudonym,
    at: at(position),
    closesAt: at(600),
    bids: 1,
    ...changes,
  };
}

export function sold(position: number, n: number, amount: number): Extract<Announcement, { event: 'item_closed' }> {
  return {
    event: 'item_closed',
    position: position as Position,
    lot: lotId(n),
    outcome: 'sold',
    hammerPrice: amount as Amount,
    pseudonym: uuid(1_000) as Pseudonym,
    at: at(603),
  };
}
