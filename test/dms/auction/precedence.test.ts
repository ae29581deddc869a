/** The order of stamps and of bids. */
import { describe, expect, it } from 'vitest';
import { isGreater, isStampedBefore } from '../../../dms/auction/precedence.ts';
import { bid } from './saleroom.ts';

const stamped = (at: number, serial: number, amount = 100) => bid({ who: 'ann', amount, at, serial });

describe('precedence', () => {
  it('orders stamps by time, then serial; a stamp is not before itself', () => {
    expect(isStampedBefore(stamped(1, 9), stamped(2, 3))).toBe(true);
    expect(isStampedBefore(stamped(2, 3), stamped(1, 9))).toBe(false);
    expect(isStampedBefore(stamped(2, 3), stamped(2, 4))).toBe(true);
    expect(isStampedBefore(stamped(2, 4), stamped(2, 3))).toBe(false);
    expect(isStampedBefore(stamped(2, 3), stamped(2, 3))).toBe(false);
  });

  it('orders bids by amount, then the earlier stamp', () => {
    expect(isGreater(stamped(1, 1), undefined)).toBe(true);
    expect(isGreater(stamped(9, 9, 101), stamped(1, 1, 100))).toBe(true);
    expect(isGreater(stamped(1, 1, 100), stamped(9, 9, 101))).toBe(false);
    expect(isGreater(stamped(1, 2), stamped(2, 1))).toBe(true);
    expect(isGreater(stamped(2, 1), stamped(1, 2))).toBe(false);
    expect(isGreater(stamped(1, 1), stamped(1, 1))).toBe(false);
  });
});
