/** When a lot closes, and when the house has to look at it again. */
import { describe, expect, it } from 'vitest';
import { closingAfterBid, dueAt, isDue, latestClosing } from '../../../dms/auction/closing.ts';
import { CLOSING_GRACE_MS } from '../../../shared/wire/limits.ts';
import type { Instant } from '../../../shared/wire/vocabulary.ts';
import { bid, close, Saleroom, termsOf } from './saleroom.ts';

const instant = (ms: number) => ms as Instant;

describe('the effective closing', () => {
  const soft = termsOf({ extension: { window: 1_000, by: 1_500, until: 11_000 } });
  const closingFor = (at: number, closesAt = 10_000, terms = soft) =>
    closingAfterBid(terms, instant(closesAt), instant(at));

  it('stays without soft closing', () => {
    expect(closingFor(9_999, 10_000, termsOf({}))).toBe(10_000);
  });

  it('moves from the first millisecond of the window on', () => {
    expect(closingFor(8_999)).toBe(10_000);
    expect(closingFor(9_000)).toBe(10_500);
  });

  it('never moves back', () => {
    const short = termsOf({ extension: { window: 1_000, by: 100, until: 11_000 } });
    expect(closingFor(9_100, 10_000, short)).toBe(10_000);
    expect(closingFor(9_950, 10_000, short)).toBe(10_050);
  });

  it('never moves beyond the end of the extension', () => {
    expect(closingFor(9_499)).toBe(10_999);
    expect(closingFor(9_501)).toBe(11_000);
    expect(closingFor(10_999, 11_000)).toBe(11_000);
  });

  it('can move to the end of the extension at the latest', () => {
    expect(latestClosing(soft)).toBe(11_000);
    expect(latestClosing(termsOf({}))).toBe(10_000);
  });
});

describe('a lot', () => {
  it('falls due when the grace after its effective closing is over', () => {
    const room = Saleroom.withLot({ extension: { window: 1_000, by: 1_500, until: 11_000 } });
    room.submit(bid({ who: 'ann', amount: 100, at: 9_000, serial: 2 }));
    expect(dueAt(room.open)).toBe(10_500 + CLOSING_GRACE_MS);
    expect(isDue(room.open, instant(10_499 + CLOSING_GRACE_MS))).toBe(false);
    expect(isDue(room.open, instant(10_500 + CLOSING_GRACE_MS))).toBe(true);
  });

  it('is not due once it is closed', () => {
    const room = Saleroom.withLot();
    room.submit(close(13_000));
    expect(isDue(room.open, instant(13_000))).toBe(false);
  });
});
