/** Whatever a strategy wishes, and however the house answers: no limit is broken, across crashes and on paper too. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BiddingDesk } from '../../../client/bots/bidding-desk.ts';
import type { Decision } from '../../../client/bots/decision.ts';
import { openDesk } from '../../../client/bots/open-desk.ts';
import { nextValidBid } from '../../../client/store/select.ts';
import type { Amount, Currency } from '../../../shared/wire/vocabulary.ts';
import { lotId } from '../lots.ts';
import { type Manner, ToyHouse } from './toy-house.ts';

const LOTS = 4;
/** The last one is the owner's. */
const MINE = [LOTS];

type Step =
  | { readonly do: 'wish'; readonly wish: unknown }
  /** As a sensible strategy might. */
  | { readonly do: 'outbid'; readonly lot: number; readonly by: number; readonly despite: readonly string[] }
  | { readonly do: 'others'; readonly lot: number; readonly raise: number }
  | { readonly do: 'tell' | 'restart' | 'repeat' }
  | { readonly do: 'close'; readonly lot: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'settime'; readonly byMs: number }
  | { readonly do: 'manner'; readonly manner: Manner };

const number = fc.integer({ min: 1, max: LOTS });
const amount = fc.oneof(
  fc.integer({ min: 9_000, max: 16_000 }),
  fc.integer({ min: 1, max: 60_000 }),
  fc.constantFrom(0, -1, 10_000.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53),
);
const despite = fc.subarray(['leading', 'too-low'] as const);
const bidWish = fc.record({ bid: amount, lot: fc.integer({ min: 1, max: LOTS + 1 }).map(lotId), despite });
const wish = fc.oneof({ weight: 12, arbitrary: bidWish }, { weight: 1, arbitrary: fc.anything() });
const MANNERS: Manner[] = ['honest', 'honest', 'lost', 'unsent', 'away', 'refused', 'hangs', 'hangs-recorded'];

const doing = <Name extends string, Rest extends object>(
  name: Name,
  rest: { [Key in keyof Rest]: fc.Arbitrary<Rest[Key]> },
) => fc.record({ do: fc.constant(name), ...rest }) as unknown as fc.Arbitrary<Step>;

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: doing('wish', { wish }) },
  { weight: 10, arbitrary: doing('outbid', { lot: number, by: fc.nat(3_000), despite }) },
  { weight: 4, arbitrary: doing('others', { lot: number, raise: fc.nat(2_000) }) },
  { weight: 2, arbitrary: doing('tell', {}) },
  { weight: 2, arbitrary: doing('repeat', {}) },
  { weight: 2, arbitrary: doing('restart', {}) },
  { weight: 1, arbitrary: doing('close', { lot: number }) },
  { weight: 3, arbitrary: doing('wait', { ms: fc.integer({ min: 1, max: 40_000 }) }) },
  { weight: 1, arbitrary: doing('settime', { byMs: fc.integer({ min: -90_000, max: 400_000 }) }) },
  { weight: 4, arbitrary: doing('manner', { manner: fc.constantFrom(...MANNERS) }) },
);
const steps = fc.array(step, { maxLength: 60, size: 'max' });

interface Rules {
  readonly budget: number;
  readonly max: number;
  readonly perMinute: number;
}
const rules = fc.record({
  budget: fc.integer({ min: 9_000, max: 45_000 }),
  max: fc.integer({ min: 9_000, max: 20_000 }),
  perMinute: fc.integer({ min: 1, max: 10 }),
});

/** A bot that crashes now and then: what it did not write down by then is lost. */
class CrashingBot {
  readonly kept: Decision[] = [];
  readonly broken: unknown[] = [];
  isStopped = false;
  desk: BiddingDesk;
  readonly #house: ToyHouse;
  readonly #rules: Rules;
  readonly #isPaper: boolean;
  #life = 0;

  constructor(house: ToyHouse, given: Rules, isPaper = false) {
    this.#house = house;
    this.#rules = given;
    this.#isPaper = isPaper;
    this.desk = this.begin();
  }

  begin(): BiddingDesk {
    this.#life += 1;
    const life = this.#life;
    const isDead = () => life !== this.#life;
    const [client, isPaper, clock] = [this.#house.connect(), this.#isPaper, this.#house.clock];
    const { budget, max, perMinute } = this.#rules;
    const journal = {
      kept: [...this.kept],
      // A dead process writes nothing any more.
      append: async (decision: Decision) =>
        isDead() ? new Promise<never>(() => undefined) : void this.kept.push(decision),
    };
    const { desk } = openDesk({
      ...{ strategy: 'any', client, receipts: [], journal, isPaper, clock },
      limits: { currency: 'EUR' as Currency, budget: budget as Amount, maxOn: () => max as Amount, perMinute },
      isInScope: () => true,
      isStopped: () => isDead() || this.isStopped,
      face: { tell: () => undefined },
    });
    this.desk = desk;
    this.desk.broken.catch((error) => this.broken.push(error));
    return this.desk;
  }

  get accepted(): number {
    return this.kept.filter((line) => line.type === 'answered' && line.outcome === 'accepted').length;
  }
}

const ACTIONS: {
  [Name in Step['do']]: (step: Extract<Step, { do: Name }>, house: ToyHouse, bot: CrashingBot) => void;
} = {
  wish: ({ wish: wished }, _house, { desk }) => {
    desk.consider(wished, 'tick');
    // Once more, before the first is on its way: a strategy may be as eager as it likes.
    desk.consider(wished, 'bid');
  },
  outbid: ({ lot, by, despite: insists }, { model }, { desk }) => {
    const bid = nextValidBid(model.lots.get(lotId(lot))!) + by;
    desk.consider({ bid, lot: lotId(lot), despite: insists }, 'tick');
  },
  others: ({ lot, raise }, house) => house.otherBids(lot, raise),
  tell: (_step, house) => house.tellAll(),
  repeat: (_step, house, { desk }) => {
    house.monotonic += 1_000;
    desk.repeatUnanswered();
  },
  restart: (_step, house, bot) => {
    house.forget();
    bot.begin();
  },
  close: ({ lot }, house) => house.close(lot),
  wait: ({ ms }, house) => {
    house.monotonic += ms;
  },
  settime: ({ byMs }, house) => house.setClock(byMs),
  manner: ({ manner }, house) => {
    house.manner = manner;
  },
};

async function take(action: Step, house: ToyHouse, bot: CrashingBot): Promise<void> {
  (ACTIONS[action.do] as (step: Step, house: ToyHouse, bot: CrashingBot) => void)(action, house, bot);
  await new Promise<void>((resolve) => setImmediate(resolve));
}

/** The greatest number of new commands in any minute. */
function busiestMinute({ arrived }: ToyHouse): number {
  const first = [...new Map(arrived.toReversed().map((one) => [one.id, one.at])).values()];
  return Math.max(0, ...first.map((from) => first.filter((at) => at >= from && at < from + 60_000).length));
}

function expectNothingBroken(house: ToyHouse, { budget, max, perMinute }: Rules): void {
  expect(house.exposure()).toBeLessThanOrEqual(budget);
  const own = house.lots.flatMap(({ bids }) => bids.filter(({ by }) => by === 'bot'));
  expect(new Set(own.map(({ id }) => id)).size).toBe(own.length);
  expect(Math.max(0, ...house.arrived.map(({ amount: sent }) => sent))).toBeLessThanOrEqual(max);
  expect(house.arrived.filter(({ lot }) => lot === lotId(LOTS))).toEqual([]);
  expect(busiestMinute(house)).toBeLessThanOrEqual(perMinute);
}

/** What the bot would have to pay on paper: each of its accepted bids that nobody really outbid, by its journal. */
function paperExposure(house: ToyHouse, kept: readonly Decision[]): number {
  const isAccepted = (id: string) =>
    kept.some((line) => line.type === 'answered' && line.id === id && line.outcome === 'accepted');
  const bids = kept.filter((line) => line.type === 'bidding').filter(({ id }) => isAccepted(id));
  const perLot = house.lots.map(({ lot }) => {
    const best = Math.max(0, ...bids.filter((line) => line.lot === lot).map((line) => line.amount));
    return best >= (house.model.lots.get(lot)?.leading?.amount ?? 0) ? best : 0;
  });
  return perLot.reduce((sum, bound) => sum + bound, 0);
}

describe('no strategy', () => {
  it('breaks a limit, whatever it wishes, however the house answers, and whenever it crashes', async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(rules, steps, async (given, actions) => {
        const house = new ToyHouse(LOTS, MINE);
        const bot = new CrashingBot(house, given);
        for (const action of actions) {
          await take(action, house, bot);
          expectNothingBroken(house, given);
        }
        expect(bot.broken).toEqual([]);
        accepted += bot.accepted;
      }),
      { numRuns: 300 },
    );
    // A test in which nothing ever happens would pass as well.
    expect(accepted).toBeGreaterThan(100);
  });

  it('breaks one on paper, where nothing is sent at all', async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(rules, steps, async (given, actions) => {
        const house = new ToyHouse(LOTS, MINE);
        const bot = new CrashingBot(house, given, true);
        for (const action of actions) {
          await take(action, house, bot);
          expect(paperExposure(house, bot.kept)).toBeLessThanOrEqual(given.budget);
        }
        expect(house.arrived).toEqual([]);
        const bids = bot.kept.filter((line) => line.type === 'bidding').map((line) => line.amount);
        expect(Math.max(0, ...bids)).toBeLessThanOrEqual(given.max);
        accepted += bot.accepted;
      }),
      { numRuns: 200 },
    );
    expect(accepted).toBeGreaterThan(50);
  });

  it('sends anything once the stop file is there, not even what it has to ask again', async () => {
    await fc.assert(
      fc.asyncProperty(rules, steps, steps, async (given, before, after) => {
        const house = new ToyHouse(LOTS, MINE);
        const bot = new CrashingBot(house, given);
        for (const action of before) await take(action, house, bot);
        bot.isStopped = true;
        const { length } = house.arrived;
        for (const action of after) await take(action, house, bot);
        expect(house.arrived).toHaveLength(length);
      }),
      { numRuns: 100 },
    );
  });

  it('bids over itself or below what the house takes, unless it says so', async () => {
    const plain = fc.record({ bid: fc.integer({ min: 1, max: 16_000 }), lot: number.map(lotId) });
    const wished = plain.map((one): Step => ({ do: 'wish', wish: one }));
    const other = step.filter((one) => one.do !== 'wish' && one.do !== 'outbid');
    const mixed = fc.array(fc.oneof(wished, other), { maxLength: 60, size: 'max' });
    await fc.assert(
      fc.asyncProperty(mixed, async (actions) => {
        const house = new ToyHouse(LOTS, MINE);
        const bot = new CrashingBot(house, { budget: 1_000_000, max: 1_000_000, perMinute: 1_000 });
        for (const action of actions) await takeWatched(action, house, bot);
      }),
      { numRuns: 200 },
    );
  });

  it.each<Manner>(['refused', 'away', 'unsent', 'lost'])(
    'bids over a bid of its own of an earlier run whose answer was lost, and whose repeat was %s',
    async (manner) => {
      const house = new ToyHouse(LOTS);
      const bot = new CrashingBot(house, { budget: 1_000_000, max: 1_000_000, perMinute: 1_000 });
      const bidOf = (bid: number): Step => ({ do: 'wish', wish: { bid, lot: lotId(2) } });
      const lost: Step[] = [{ do: 'manner', manner: 'lost' }, bidOf(10_000)];
      const repeat: Step[] = [{ do: 'manner', manner }, { do: 'repeat' }];
      const again: Step[] = [{ do: 'manner', manner: 'honest' }, { do: 'repeat' }];
      for (const action of [...lost, ...repeat, { do: 'restart' } as const, bidOf(10_500), ...again, bidOf(10_500)])
        await takeWatched(action, house, bot);
      expect(new Set(house.arrived.map(({ id }) => id)).size).toBe(1);
      expect(bot.kept.at(-1)).toMatchObject({ type: 'blocked', limit: 'leading' });
    },
  );
});

/** What is asked again was sent before somebody bid more; a new wish has to lead, and must not lead already. */
async function takeWatched(action: Step, house: ToyHouse, bot: CrashingBot): Promise<void> {
  house.tellAll();
  const led = new Map(house.lots.map((lot) => [lot.lot, house.leading(lot)]));
  const { length } = house.arrived;
  await take(action, house, bot);
  const sent = action.do === 'wish' ? house.arrived.slice(length) : [];
  for (const one of sent) {
    const leading = led.get(one.lot);
    expect(leading?.by).not.toBe('bot');
    expect(one.amount).toBeGreaterThanOrEqual(leading === undefined ? 10_000 : leading.amount + 500);
  }
}
