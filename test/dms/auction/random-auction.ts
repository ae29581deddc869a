/** Random lives of a lot for the properties: times crowd round the closing and amounts are few, so that ties are common. */
import fc from 'fast-check';
import { bid, close, type PlainBid, type PlainTerms, Saleroom } from './saleroom.ts';

/** All terms in numbers; `extension` may be absent. */
export type RandomTerms = PlainTerms & { startingPrice: number; increment: number; closesAt: number };
export type RandomStep = { type: 'bid'; bid: PlainBid } | { type: 'close'; at: number };

export interface RandomAuction {
  readonly terms: RandomTerms;
  readonly steps: readonly RandomStep[];
}

const CLOSES_AT = 10_000;
/** When the first step happens; the closing is at 10 000. */
const START = [1, 2_000, 7_000, 9_500, 10_000];
const WHO = ['ann', 'bob', 'cy', 'dee', 'seller'];

const extension = fc.record(
  {
    window: fc.integer({ min: 1, max: 4_000 }),
    by: fc.integer({ min: 1, max: 4_000 }),
    until: fc.integer({ min: CLOSES_AT, max: CLOSES_AT + 6_000 }),
  },
  { noNullPrototype: true },
);

const terms: fc.Arbitrary<RandomTerms> = fc.record({
  startingPrice: fc.constantFrom(100, 103),
  increment: fc.constantFrom(1, 1, 2, 5),
  closesAt: fc.constant(CLOSES_AT),
  extension: fc.option(extension, { nil: undefined }),
});

const draw = fc.record({
  /** One in twelve tries to close. */
  closing: fc.nat(11).map((n) => n === 0),
  who: fc.constantFrom(...WHO),
  amount: fc.integer({ min: 98, max: 120 }),
  /** Since the step before. */
  pause: fc.constantFrom(0, 0, 1, 40, 300, 900),
  /** From stamp to arrival. */
  delay: fc.constantFrom(0, 1, 2, 500, 1_500, 2_999, 3_000),
});

/** A lot listed at 0 and a run of bids and closings that begins at one of `from`. Serials are in random order. */
export function auctions({ from = START } = {}): fc.Arbitrary<RandomAuction> {
  const draws = fc.array(draw, { minLength: 1, maxLength: 30 });
  const serials = fc.uniqueArray(fc.integer({ min: 2, max: 400 }), { minLength: 30, maxLength: 30 });
  return fc.tuple(terms, draws, serials, fc.constantFrom(...from)).map(([lotTerms, drawn, numbers, start]) => {
    let now = start;
    const steps = drawn.map(({ closing, who, amount, pause, delay }, index): RandomStep => {
      now += pause;
      if (closing) return { type: 'close', at: now };
      return { type: 'bid', bid: { who, amount, at: now - delay, serial: numbers[index]!, receivedAt: now } };
    });
    // Whatever happened before, a lot ends.
    return { terms: lotTerms, steps: [...steps, { type: 'close', at: 1_000_000 }] };
  });
}

export const commandOf = (step: RandomStep) => (step.type === 'bid' ? bid(step.bid) : close(step.at));

/** A room in which the auction was played. A sold lot is disclosed at the end. */
export function play({ terms: lotTerms, steps }: RandomAuction): Saleroom {
  const room = Saleroom.withLot(lotTerms);
  for (const step of steps) room.submit(commandOf(step));
  if (room.open.status === 'sold') room.disclose();
  return room;
}
