/** The workload has the distributions that its table says: chi-squared and Kolmogorov-Smirnov, on seeds that stay. */
import { describe, expect, it } from 'vitest';
import { AUCTION_MARK_MIX, AuctionMark, BROKER_MIX } from '../../../../client/bots/workload/auction-mark.ts';
import { createRandom } from '../../../../client/bots/workload/random.ts';
import { Zipf } from '../../../../client/bots/workload/zipf.ts';
import { Title } from '../../../../shared/wire/vocabulary.ts';

const DRAWS = 20_000;
const SEEDS = ['one', 'two', 'three'];

const many = <Value>(draw: () => Value, count = DRAWS): Value[] => Array.from({ length: count }, draw);

/** Standard normal quantile for one in a million: what a right generator passes, and a wrong one does not come near. */
const Z = 4.75;

/** Whether counts fit probabilities: the statistic is below the quantile of its distribution (Wilson and Hilferty, 1931). */
function fits(values: readonly number[], probabilities: ReadonlyMap<number, number>): boolean {
  const cells = [...probabilities].filter(([, share]) => share * values.length >= 5);
  const rest = 1 - cells.reduce((sum, [, share]) => sum + share, 0);
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const seen = cells.map(([value]) => counts.get(value) ?? 0);
  const all = [...cells.map(([, share]) => share), ...(rest * values.length >= 5 ? [rest] : [])];
  const observed = [...seen, values.length - seen.reduce((sum, count) => sum + count, 0)];
  const statistic = all.reduce((sum, share, index) => {
    const expected = share * values.length;
    return sum + ((observed[index] ?? 0) - expected) ** 2 / expected;
  }, 0);
  const freedom = all.length - 1;
  const limit = freedom * (1 - 2 / (9 * freedom) + Z * Math.sqrt(2 / (9 * freedom))) ** 3;
  return statistic < limit;
}

/** The greatest distance of an empirical distribution from the one that it should have, against the limit for one in a million. */
function follows(values: readonly number[], distribution: (value: number) => number): boolean {
  const sorted = values.toSorted((one, other) => one - other);
  const distances = sorted.map((value, index) =>
    Math.max(distribution(value) - index / sorted.length, (index + 1) / sorted.length - distribution(value)),
  );
  return Math.max(...distances) < Math.sqrt(-Math.log(1e-6 / 2) / 2) / Math.sqrt(sorted.length);
}

function zipf(count: number, exponent: number): Map<number, number> {
  const weights = Array.from({ length: count }, (_, index) => (index + 1) ** -exponent);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return new Map(weights.map((weight, index) => [index + 1, weight / sum]));
}

/** Abramowitz and Stegun, 7.1.26: to 1.5e-7. */
function normalBelow(value: number, mean: number, deviation: number): number {
  const x = (value - mean) / (deviation * Math.SQRT2);
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const tail =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.exp(-x * x);
  return x >= 0 ? 1 - tail / 2 : tail / 2;
}

describe.each(SEEDS)('with the seed %s', (seed) => {
  const random = createRandom(seed);
  const mark = new AuctionMark(random, { sellers: 50, buyers: 20 });
  const offers = many(() => mark.offer());

  it('chances are even, normal and exponential', () => {
    expect(
      follows(
        many(() => random.next()),
        (value) => value,
      ),
    ).toBe(true);
    expect(
      follows(
        many(() => random.normal(6, 2.5)),
        (value) => normalBelow(value, 6, 2.5),
      ),
    ).toBe(true);
    expect(
      follows(
        many(() => random.exponential(3)),
        (value) => 1 - Math.exp(-3 * value),
      ),
    ).toBe(true);
    expect(
      fits(
        many(() => random.below(10)),
        new Map(Array.from({ length: 10 }, (_, digit) => [digit, 0.1])),
      ),
    ).toBe(true);
  });

  it('sellers and prices follow Zipf', () => {
    expect(
      fits(
        offers.map(({ seller }) => seller + 1),
        zipf(50, 2),
      ),
    ).toBe(true);
    expect(
      fits(
        offers.map(({ startingPrice }) => startingPrice / 100),
        zipf(999, 1.25),
      ),
    ).toBe(true);
    // The test itself tells one from another.
    expect(
      fits(
        offers.map(({ seller }) => seller + 1),
        zipf(50, 1.9),
      ),
    ).toBe(false);
  });

  it('titles are allowed ones of 6 to 32 characters', () => {
    expect(offers.every(({ title }) => Title.safeParse(title).success)).toBe(true);
    const lengths = new Map(Array.from({ length: 27 }, (_, index) => [index + 6, 1 / 27]));
    expect(
      fits(
        offers.map(({ title }) => title.length),
        lengths,
      ),
    ).toBe(true);
  });

  it('lots live for 1 to 10 days, six in the middle', () => {
    const between = (from: number, to: number) => normalBelow(to, 6, 2.5) - normalBelow(from, 6, 2.5);
    const all = between(0.5, 10.5);
    const lives = new Map(
      Array.from({ length: 10 }, (_, index) => [index + 1, between(index + 0.5, index + 1.5) / all] as const),
    );
    expect(
      fits(
        offers.map(({ days }) => days),
        lives,
      ),
    ).toBe(true);
  });

  it('at the start lots are in the middle of their lives', () => {
    const [none, all] = [normalBelow(0, 1.5, 4.25), normalBelow(10, 1.5, 4.25)];
    const left = many(() => mark.standingOffer().days);
    expect(left.every((days) => days > 0 && days <= 10)).toBe(true);
    expect(follows(left, (days) => (normalBelow(days, 1.5, 4.25) - none) / (all - none))).toBe(true);
  });

  it('a house begins with so many lots, and a burst has one closing', () => {
    const opening = mark.opening(DRAWS).map(({ days }) => days);
    expect(opening).toHaveLength(DRAWS);
    // Not all of them have a whole life before them.
    expect(opening.filter((days) => days < 1).length).toBeGreaterThan(DRAWS / 20);
    const bursts = many(() => mark.burst(), 400);
    expect(bursts.every((lots) => lots.length === 100 && new Set(lots.map(({ days }) => days)).size === 1)).toBe(true);
    expect(new Set(bursts.map(([first]) => first!.days)).size).toBe(10);
    expect(
      fits(
        bursts.flatMap((lots) => lots.map(({ seller }) => seller + 1)),
        zipf(50, 2),
      ),
    ).toBe(true);
    expect(mark.burst(3)).toHaveLength(3);
  });

  it('connections are made anew at a Poisson pace, one in a hundred a second', () => {
    expect(
      follows(
        many(() => mark.reconnectPauseMs(500)),
        (ms) => 1 - Math.exp(-ms / 200),
      ),
    ).toBe(true);
    const which = many(() => mark.anyOf(50));
    expect(fits(which, new Map(Array.from({ length: 50 }, (_, index) => [index, 1 / 50])))).toBe(true);
  });

  it('winners are away at half of the closings', () => {
    const away = many(() => (mark.isWinnerAway() ? 1 : 0));
    expect(
      fits(
        away,
        new Map([
          [0, 0.5],
          [1, 0.5],
        ]),
      ),
    ).toBe(true);
  });

  it('hostile commands are wrong in the ways of the table', () => {
    const moves = ['bad-signature', 'bad-timestamp', 'bad-tag', 'replay'];
    const drawn = many(() => moves.indexOf(mark.hostileMove()));
    expect(fits(drawn, new Map([0.79, 0.1, 0.1, 0.01].map((share, index) => [index, share])))).toBe(true);
    // The test tells one from another.
    expect(fits(drawn, new Map([0.78, 0.1, 0.1, 0.02].map((share, index) => [index, share])))).toBe(false);
  });

  it('bids go where the table says', () => {
    const open = Array.from({ length: 10 }, (_, index) => ({ listedAt: 0, closesAt: index < 2 ? 101 : 1_000 }));
    const ended = [{ listedAt: 0, closesAt: 50 }];
    const drawn = many(() => mark.lot(open, ended, 100)).map((lot) => (lot === ended[0] ? 0 : open.indexOf(lot!) + 1));
    const shares = new Map([
      [0, 0.05],
      ...open.map((_, index) => [index + 1, 0.045 + (index < 2 ? 0.25 : 0)] as const),
    ]);
    expect(fits(drawn, shares)).toBe(true);
    expect(mark.lot([], [], 100)).toBeUndefined();
    const hot = Array.from({ length: 200 }, (_, index) => index + 1);
    const ranks = many(() => mark.hotLot(hot)!);
    expect(fits(ranks, zipf(200, 1.25))).toBe(true);
    expect(ranks.filter((rank) => rank === 1).length / DRAWS).toBeCloseTo(0.28, 1);
  });

  it('bidders are mostly those who have bid, and never the seller or the leader', () => {
    const bids = new Map([
      [0, 3],
      [1, 1],
      [2, 5],
      [3, 4],
    ]);
    const drawn = many(() => mark.buyer({ seller: 3, leader: 2, bids })!);
    const share = (buyer: number) => (buyer === 2 || buyer === 3 ? 0 : 0.3 / 18);
    const shares = Array.from({ length: 20 }, (_, buyer) => [buyer, share(buyer)] as const);
    const expected = new Map(shares);
    expected.set(0, 0.7 * 0.75 + share(0)).set(1, 0.7 * 0.25 + share(1));
    expect(fits(drawn, expected)).toBe(true);
    expect(drawn.filter((buyer) => buyer === 2 || buyer === 3)).toEqual([]);
    const two = new AuctionMark(random, { sellers: 2, buyers: 2 });
    expect(two.buyer({ seller: 0, leader: 1, bids: new Map() })).toBeUndefined();
  });

  it('amounts rise by up to a fortieth', () => {
    const rises = many(() => mark.amount(100, 1_000_000) / 1_000_000 - 1);
    expect(follows(rises, (rise) => rise / 0.025)).toBe(true);
    expect(mark.amount(700, undefined)).toBe(700);
    expect(mark.amount(700, 100)).toBe(700);
    // A cheap lot gives ties.
    expect(many(() => mark.amount(1, 10), 100)).toContain(10);
  });

  it('operations come in their shares, at a Poisson pace', () => {
    for (const mix of [BROKER_MIX, AUCTION_MARK_MIX]) {
      const names = Object.keys(mix) as (keyof typeof mix)[];
      const drawn = many(() => names.indexOf(mark.operation(mix)));
      expect(fits(drawn, new Map(names.map((name, index) => [index, mix[name]])))).toBe(true);
    }
    expect(
      follows(
        many(() => mark.pauseMs(20)),
        (ms) => 1 - Math.exp(-ms / 50),
      ),
    ).toBe(true);
  });
});

describe('a seed', () => {
  it('gives the same row again, and another one another', () => {
    const row = (seed: string) => many(() => new AuctionMark(createRandom(seed), { sellers: 9, buyers: 9 }).offer(), 3);
    expect(row('a')).toEqual(row('a'));
    expect(row('a')).not.toEqual(row('b'));
    // On every machine.
    const random = createRandom('gavel');
    expect(many(() => random.below(1_000), 5)).toMatchInlineSnapshot(`
      [
        664,
        178,
        448,
        766,
        448,
      ]
    `);
  });

  it('gives a rank at either end of Zipf', () => {
    const at = (drawn: number) => new Zipf(3, 1).rank({ ...createRandom(''), next: () => drawn });
    expect([at(0), at(1 - 2 ** -32)]).toEqual([1, 3]);
  });
});
