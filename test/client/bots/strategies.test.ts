import { describe, expect, it } from 'vitest';
import type { Bot, LotSight, Sight } from '../../../client/bots/define-bot.ts';
import { optionsOf, readParams } from '../../../client/bots/params.ts';
import { increment } from '../../../client/bots/strategies/increment.ts';
import { proxy } from '../../../client/bots/strategies/proxy.ts';
import { SHIPPED_BOTS } from '../../../client/bots/strategies/shipped.ts';
import { sniper } from '../../../client/bots/strategies/sniper.ts';
import type { Amount, Currency } from '../../../shared/wire/vocabulary.ts';
import { complaintBy } from '../complaint.ts';
import { lotId, T0 } from '../lots.ts';

const EUR = 'EUR' as Currency;

const LOT: LotSight = {
  lot: lotId(1),
  number: 1,
  title: 'Oak desk',
  currency: EUR,
  startingPrice: 10_000 as Amount,
  increment: 500 as Amount,
  closesAt: T0,
  leftMs: 60_000,
  status: 'open',
  bids: 1,
  leadingAmount: 10_000 as Amount,
  nextValid: 10_500 as Amount,
  mine: false,
  isLeading: false,
  max: 20_000,
};

function sightOf(bot: Bot, typed: Record<string, string> = {}): Sight {
  const purse = { committed: 0, left: 20_000 };
  return { now: T0, lots: [], params: readParams(bot.params, typed, EUR), purse, random: () => 0.5 };
}

describe('the bots that are shipped', () => {
  it.each<[string, Bot, Partial<LotSight>, Record<string, string>, number | undefined]>([
    ['increment answers', increment as Bot, {}, {}, 10_500],
    ['increment leads and waits', increment as Bot, { isLeading: true }, {}, undefined],
    ['increment opens', increment as Bot, { bids: 0, nextValid: 10_000 as Amount }, {}, 10_000],
    ['sniper waits', sniper as Bot, { leftMs: 5_001 }, {}, undefined],
    ['sniper bids late', sniper as Bot, { leftMs: 5_000 }, {}, 10_500],
    ['sniper bids when it is told to', sniper as Bot, { leftMs: 60_000 }, { last: '1m' }, 10_500],
    ['sniper leads and waits', sniper as Bot, { leftMs: 1_000, isLeading: true }, {}, undefined],
    ['proxy bids the least that leads', proxy as Bot, {}, {}, 10_500],
    ['proxy leads and waits', proxy as Bot, { isLeading: true }, {}, undefined],
  ])('%s', (_what, bot, changes, typed, amount) => {
    expect(bot.bidOn?.({ ...LOT, ...changes }, sightOf(bot, typed))).toBe(amount);
  });

  it('have the names under which they are found', () => {
    expect([...SHIPPED_BOTS].map(([name, bot]) => [name, bot.name])).toEqual([
      ['increment', 'increment'],
      ['sniper', 'sniper'],
      ['proxy', 'proxy'],
    ]);
  });
});

describe('parameters', () => {
  const table = {
    lastLook: { type: 'duration', help: 'when', default: '5s' },
    most: { type: 'amount', help: 'how much' },
    times: { type: 'count', help: 'how often', default: '3' },
    share: { type: 'number', help: 'which share', default: '0.5' },
    word: { type: 'text', help: 'what', default: '' },
  } as const;

  it('are options', () => {
    expect(optionsOf(table).slice(0, 2)).toEqual([
      { flags: '--last-look <duration>', help: 'when; 5s, if nothing is said' },
      { flags: '--most <amount>', help: 'how much' },
    ]);
    expect(optionsOf()).toEqual([]);
  });

  it('are read by their types, in the currency of the bot', () => {
    const unset = { lastLook: 5_000, most: undefined, times: 3, share: 0.5, word: '' };
    expect(readParams(table, {}, EUR)).toEqual(unset);
    const typed = { lastLook: '1h30m', most: '12', times: '7', share: '0.25', word: 'x' };
    const read = { lastLook: 5_400_000, most: 12, times: 7, share: 0.25, word: 'x' };
    expect(readParams(table, typed, 'JPY' as Currency)).toEqual(read);
  });

  it.each([
    [{ lastLook: 'soon' }, 'option-malformed'],
    [{ times: '0' }, 'option-malformed'],
    [{ share: '-1' }, 'option-malformed'],
    [{ most: '1.234' }, 'amount-malformed'],
  ])('%j is refused', (typed, code) => {
    expect(complaintBy(() => readParams(table, typed, EUR))).toBe(code);
  });
});
