/** A house of each size closes as many lots as it lists, at the speed that WORKLOAD's figures were made for. */
import { describe, expect, it } from 'vitest';
import { AUCTION_MARK_MIX, AuctionMark, BROKER_MIX } from '../../../../client/bots/workload/auction-mark.ts';
import { createRandom } from '../../../../client/bots/workload/random.ts';
import { closingsPerSecond, DAY_MS, SIZES, steadyRate } from '../../../../client/bots/workload/sizes.ts';

describe('the sizes', () => {
  it('have days of twelve seconds', () => {
    expect(DAY_MS).toBe(12_000);
  });

  it.each([
    ['S', '0.3'],
    ['M', '2.8'],
    ['L', '14'],
  ] as const)('%s has %s closings a second', (name, closings) => {
    const digits = closings.split('.')[1]?.length ?? 0;
    expect(closingsPerSecond(SIZES[name]).toFixed(digits)).toBe(closings);
  });

  it('keep the number of open lots, as long as lots live', () => {
    const mark = new AuctionMark(createRandom('sizes'), { sellers: 50, buyers: 50 });
    const lives = Array.from({ length: 100_000 }, () => mark.offer().days * DAY_MS);
    const mean = lives.reduce((sum, life) => sum + life, 0) / lives.length;
    // Little's law: so many are open as come in the life of one.
    expect(Math.abs((closingsPerSecond(SIZES.M) * mean) / 1_000 - SIZES.M.lots)).toBeLessThan(1);
    expect(Math.min(...lives)).toBe(12_000);
    expect(Math.max(...lives)).toBe(120_000);
  });

  it.each([BROKER_MIX, AUCTION_MARK_MIX])('offer one lot when one closes, whatever the mix', (mix) => {
    expect(steadyRate(SIZES.S, mix) * mix.list).toBeCloseTo(closingsPerSecond(SIZES.S));
  });
});
