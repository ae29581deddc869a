import { describe, expect, it } from 'vitest';
import type { Wish } from '../../../client/bots/define-bot.ts';
import { brokenLimit, LIMIT_NAMES, type Limits, mostOn, type Standing } from '../../../client/bots/limits.ts';
import { Pace } from '../../../client/bots/pace.ts';
import type { LotModel } from '../../../client/store/model.ts';
import type { Amount, Currency, Position } from '../../../shared/wire/vocabulary.ts';
import { at, catalogueLot, lotId, T0, termsOf } from '../lots.ts';

const LOT: LotModel = {
  ...catalogueLot(1),
  mine: false,
  ownBids: [],
  history: [],
  leading: { amount: 12_000 as Amount },
};
const STANDING: Standing = {
  now: T0,
  ...{ isUp: true, isStopped: false, isPaper: false, isInScope: true, isUnderWay: false, isUnchanged: false },
  lot: LOT,
  ...{ committedElsewhere: 0, committedHere: 0, commandsThisMinute: 0 },
};
const limits = (changes: Partial<Limits> = {}): Limits => ({
  currency: 'EUR' as Currency,
  budget: 20_000 as Amount,
  maxOn: () => 15_000 as Amount,
  perMinute: 2,
  ...changes,
});
const bid = (amount: number, more: object = {}): Wish => ({ bid: amount as Amount, lot: lotId(1), ...more });
const led = { ...LOT, ownBids: [{ amount: 13_000 as Amount, position: 9 as Position }] };

describe('limits', () => {
  it.each<[string | undefined, Wish, Partial<Standing>, Partial<Limits>]>([
    [undefined, bid(12_500), {}, {}],
    ['stopped', bid(12_500), { isStopped: true, isUp: false }, {}],
    ['link-down', bid(12_500), { isUp: false }, {}],
    ['lot-unknown', bid(12_500), { lot: undefined }, {}],
    ['other-lot', bid(12_500), { isInScope: false }, {}],
    ['currency', bid(12_500), {}, { currency: 'USD' as Currency }],
    ['own-lot', bid(12_500), { lot: { ...LOT, mine: true } }, {}],
    ['closed', bid(12_500), { lot: { ...LOT, status: 'sold' } }, {}],
    ['closed', bid(12_500), { now: at(600) }, {}],
    [undefined, bid(12_500), { now: (at(600) - 1) as Standing['now'] }, {}],
    ['under-way', bid(12_500), { isUnderWay: true }, {}],
    ['leading', bid(13_500), { lot: led }, {}],
    [undefined, bid(13_500, { despite: ['leading'] }), { lot: led }, {}],
    ['too-low', bid(12_499), {}, {}],
    [undefined, bid(1, { despite: ['too-low'] }), {}, {}],
    ['unchanged', bid(12_500), { isUnchanged: true }, {}],
    ['max', bid(15_001), {}, {}],
    ['max', bid(15_001, { despite: ['leading', 'too-low'] }), {}, {}],
    ['max', bid(12_500), {}, { maxOn: () => undefined }],
    [undefined, bid(15_000), {}, {}],
    ['budget', bid(12_501), { committedElsewhere: 7_500 }, {}],
    [undefined, bid(12_500), { committedElsewhere: 7_500 }, {}],
    ['budget', bid(12_500), { committedElsewhere: 7_500, committedHere: 12_501 }, {}],
    [undefined, bid(12_500), { committedElsewhere: 99_999 }, { budget: undefined as never }],
    ['per-minute', bid(12_500), { commandsThisMinute: 2 }, {}],
    [undefined, { list: termsOf(1) }, { lot: undefined }, {}],
    ['paper', { list: termsOf(1) }, { isPaper: true }, {}],
    ['other-lot', { list: termsOf(1) }, { isInScope: false }, {}],
    ['currency', { list: termsOf(1, { currency: 'USD' as Currency }) }, {}, {}],
    ['per-minute', { list: termsOf(1) }, { commandsThisMinute: 2 }, {}],
  ])('%s for %j with %j', (name, wish, standing, changes) => {
    expect(brokenLimit(wish, { ...STANDING, ...standing }, limits(changes))).toBe(name);
    if (name !== undefined) expect(LIMIT_NAMES).toContain(name);
  });

  it('say how much would pass', () => {
    expect(mostOn(LOT, 0, limits())).toBe(15_000);
    expect(mostOn(LOT, 7_000, limits())).toBe(13_000);
    expect(mostOn(LOT, 30_000, limits())).toBe(0);
    expect(mostOn(LOT, 0, limits({ maxOn: () => undefined }))).toBe(0);
  });
});

describe('pace', () => {
  it('knows any minute, over a restart too', () => {
    const clock = { now: 100_000, monotonic: () => clock.now };
    const pace = new Pace(clock, [61_000, 59_000, 0]);
    expect(pace.thisMinute).toBe(2);
    clock.now += 1_000;
    pace.count();
    expect(pace.thisMinute).toBe(2);
    clock.now += 59_000;
    expect(pace.thisMinute).toBe(1);
  });
});
