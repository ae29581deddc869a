import { describe, expect, it, vi } from 'vitest';
import type { Decision } from '../../../client/bots/decision.ts';
import { type Bot, defineBot, type LotSight, type Sight } from '../../../client/bots/define-bot.ts';
import { type BotParts, runBot } from '../../../client/bots/run-bot.ts';
import { increment } from '../../../client/bots/strategies/increment.ts';
import type { Fact } from '../../../client/line/fact.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import type { Amount, Currency } from '../../../shared/wire/vocabulary.ts';
import { bid, listed, lotId } from '../lots.ts';
import { type Manner, ToyHouse } from './toy-house.ts';

interface Run {
  readonly facts: Fact[];
  readonly kept: Decision[];
  readonly stop: AbortController;
  readonly end: ReturnType<typeof runBot>;
}

function run(house: ToyHouse, changes: Partial<BotParts> = {}): Run {
  const [facts, kept, stop]: [Fact[], Decision[], AbortController] = [[], [], new AbortController()];
  const maxOn = () => 12_000 as Amount;
  const end = runBot({
    ...{ client: house.connect(), bot: increment as Bot, params: {}, receipts: [], clock: house.clock },
    limits: { currency: 'EUR' as Currency, budget: 30_000 as Amount, maxOn, perMinute: 60 },
    ...{ isPaper: false, isStopped: () => false, random: () => 0.5, signal: stop.signal },
    journal: { kept: [], append: async (line) => void kept.push(line) },
    face: { tell: (fact) => void facts.push(fact) },
    ...changes,
  });
  end.catch(() => undefined);
  return { facts, kept, stop, end };
}

const sent = (house: ToyHouse) => house.arrived.map(({ amount }) => amount);
const limitsIn = (kept: readonly Decision[]) => kept.flatMap((line) => (line.type === 'blocked' ? [line.limit] : []));

describe('the runner', () => {
  it('bids until its limit, says so, and ends with its lot', async () => {
    const house = new ToyHouse(1);
    const { end, facts, kept } = run(house, { only: 1 });
    await vi.waitFor(() => expect(sent(house)).toEqual([10_000]));
    house.otherBids(1, 200);
    house.tellAll();
    await vi.waitFor(() => expect(sent(house)).toEqual([10_000, 11_200]));
    house.otherBids(1, 0);
    house.tellAll();
    await vi.waitFor(() => expect(limitsIn(kept)).toEqual(['max']));
    house.close(1);
    house.tellAll();
    expect(await end).toBe('done');
    expect(facts.map(({ type }) => type)).toEqual(['accepted', 'accepted']);
    const told = ['started', 'bidding', 'answered', 'bidding', 'answered', 'blocked', 'closed', 'ended'];
    expect(kept.map(({ type }) => type)).toEqual(told);
    expect(kept.at(-2)).toMatchObject({ won: false, hammerPrice: 11_700 });
    expect(kept.every(({ v, epoch }) => v === 1 && epoch === 1)).toBe(true);
  });

  it('writes a bid down before it is sent, and sends none that it can not write down', async () => {
    const house = new ToyHouse(1);
    const full = new Error('the disk is full');
    const append = (line: Decision) => (line.type === 'bidding' ? Promise.reject(full) : Promise.resolve());
    const { end } = run(house, { journal: { kept: [], append } });
    await expect(end).rejects.toBe(full);
    expect(house.arrived).toEqual([]);
  });

  it.each<[Manner, string, string]>([
    ['refused', 'refused', 'refused'],
    ['away', 'error', 'not-sent'],
    ['unsent', 'error', 'unknown'],
  ])('goes on after a bid that was %s', async (manner, type, outcome) => {
    const house = new ToyHouse(1);
    house.manner = manner;
    const { end, facts, kept, stop } = run(house);
    await vi.waitFor(() => expect(facts.map((fact) => fact.type)).toContain(type));
    await vi.waitFor(() => expect(kept).toContainEqual(expect.objectContaining({ type: 'answered', outcome })));
    stop.abort('SIGINT');
    expect(await end).toBe('interrupted');
  });

  it('asks again how a bid ended of which it does not know, under its id', async () => {
    const house = new ToyHouse(1);
    house.manner = 'lost';
    const { kept, stop } = run(house);
    await vi.waitFor(() => expect(sent(house)).toEqual([10_000]));
    house.manner = 'honest';
    await vi.waitFor(() => expect(kept.some((line) => line.type === 'answered')).toBe(true));
    house.monotonic += 1_000;
    await vi.waitFor(() => expect(kept).toContainEqual(expect.objectContaining({ outcome: 'accepted' })));
    expect(new Set(house.arrived.map(({ id }) => id)).size).toBe(1);
    stop.abort('SIGINT');
  });

  it.each<Manner>(['away', 'refused'])('goes on asking where the next attempt is %s', async (manner) => {
    const house = new ToyHouse(1);
    house.manner = 'lost';
    const { kept, stop } = run(house);
    const outcomes = () => kept.flatMap((line) => (line.type === 'answered' ? [line.outcome] : []));
    await vi.waitFor(() => expect(outcomes()).toEqual(['unknown']));
    house.manner = manner;
    house.monotonic += 1_000;
    await vi.waitFor(() => expect(outcomes()).toEqual(['unknown', 'unknown']));
    house.manner = 'honest';
    house.monotonic += 1_000;
    await vi.waitFor(() => expect(outcomes()).toEqual(['unknown', 'unknown', 'accepted']));
    stop.abort('SIGINT');
  });

  it('sends nothing where the stop file appears while the bid is written down', async () => {
    const house = new ToyHouse(1);
    const kept: Decision[] = [];
    const isStopped = () => kept.some(({ type }) => type === 'bidding');
    const { end } = run(house, { isStopped, journal: { kept: [], append: async (line) => void kept.push(line) } });
    expect(await end).toBe('stopped');
    expect(house.arrived).toEqual([]);
    expect(kept).toContainEqual(expect.objectContaining({ type: 'answered', outcome: 'not-sent' }));
  });

  it('ends where somebody is not who they have to be', async () => {
    const house = new ToyHouse(1);
    const client = { ...house.connect(), bid: () => Promise.reject(new ProtocolError('receipt-invalid')) };
    const { end, kept } = run(house, { client });
    await expect(end).rejects.toMatchObject({ code: 'receipt-invalid' });
    // It may well be recorded: it binds.
    expect(kept).toContainEqual(expect.objectContaining({ outcome: 'unknown', code: 'receipt-invalid' }));
  });

  it('hands a bot what happens, frozen, and takes one wish or several', async () => {
    const house = new ToyHouse(3);
    const heard: string[] = [];
    const hear = (event: string) => (lot: LotSight, sight: Sight) => {
      heard.push(`${event} ${lot.number}`);
      expect([Object.isFrozen(lot), Object.isFrozen(sight), Object.isFrozen(sight.lots)]).toEqual([true, true, true]);
      return undefined;
    };
    const wish = (n: number) => ({ bid: 10_000 as Amount, lot: lotId(n) });
    const bot = defineBot({
      ...{ name: 'all', summary: 'hears everything', onListed: hear('listed'), onClosed: hear('closed') },
      onBid: (lot, sight) => hear('bid')(lot, sight) ?? wish(2),
      onTick: ({ purse }) => (purse.committed === 0 ? [wish(1), wish(3)] : undefined),
    });
    const { stop } = run(house, { bot: bot as Bot });
    await vi.waitFor(() => expect(sent(house)).toEqual([10_000, 10_000]));
    house.tellAll();
    house.close(1);
    house.tellAll();
    house.hub.emit('announcement', listed(90, 3));
    house.hub.emit('announcement', bid(91, 9, 1));
    expect(heard).toEqual(['bid 1', 'bid 3', 'closed 1', 'listed 3']);
    stop.abort('SIGINT');
  });

  it('shows a bot what it did before, and what is left of its budget', async () => {
    const house = new ToyHouse(2);
    const looks: Sight[] = [];
    const bot = defineBot({ name: 'look', summary: 'looks', onTick: (sight) => void looks.push(sight) });
    const first = run(house);
    await vi.waitFor(() => expect(sent(house)).toEqual([10_000, 10_000]));
    await vi.waitFor(() => expect(first.kept.filter(({ type }) => type === 'answered')).toHaveLength(2));
    first.stop.abort('SIGINT');
    await first.end;
    house.forget();
    const second = run(house, { bot: bot as Bot, journal: { kept: first.kept, append: async () => undefined } });
    await vi.waitFor(() => expect(looks.length).toBeGreaterThan(0));
    expect(looks[0]).toMatchObject({ purse: { committed: 20_000, left: 10_000 } });
    expect(looks[0]?.lots).toMatchObject([1, 2].map(() => ({ isLeading: true, ownBest: 10_000, max: 12_000 })));
    second.stop.abort('SIGINT');
  });

  it.each<[string, (house: ToyHouse) => void, Partial<BotParts>]>([
    ['its own', () => undefined, {}],
    [
      'of another currency',
      () => undefined,
      { limits: { currency: 'USD' as Currency, maxOn: () => 12_000 as Amount, perMinute: 9 } },
    ],
    ['another than the one it was given', () => undefined, { only: 2 }],
    ['of a house that is away', (house) => Object.assign(house, { isUp: false }), {}],
    [
      'too dear',
      () => undefined,
      { limits: { currency: 'EUR' as Currency, maxOn: () => 9_999 as Amount, perMinute: 9 } },
    ],
  ])('leaves a lot alone that is %s', async (what, prepare, changes) => {
    const house = new ToyHouse(1, what === 'its own' ? [1] : []);
    prepare(house);
    const looked = vi.fn(() => false);
    const { stop, end } = run(house, { isStopped: looked, ...changes });
    // Several looks, each of which could have bid.
    await vi.waitFor(() => expect(looked.mock.calls.length).toBeGreaterThan(2));
    stop.abort('SIGINT');
    await end;
    expect(house.arrived).toEqual([]);
  });

  it('a handler that throws ends the bot, and nobody else', async () => {
    const house = new ToyHouse(1);
    const onBid = () => {
      throw new RangeError('a bug of the strategy');
    };
    const { end } = run(house, { bot: { name: 'bad', summary: '', onBid } });
    house.otherBids(1, 0);
    expect(() => house.tellAll()).not.toThrow();
    await expect(end).rejects.toThrow('a bug of the strategy');
  });

  it('ends with its stop file after the answer that is under way', async () => {
    const house = new ToyHouse(1);
    const { end, kept } = run(house, { isStopped: () => house.arrived.length > 0 });
    expect(await end).toBe('stopped');
    expect(kept.slice(-2)).toMatchObject([
      { type: 'answered', outcome: 'accepted' },
      { type: 'ended', reason: 'stopped' },
    ]);
  });
});
