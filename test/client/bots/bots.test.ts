import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { opener } from '../../../client/bots/opener.ts';
import { type BotParts, runBot } from '../../../client/bots/run-bot.ts';
import { SNIPER_LAST_MS, sniper } from '../../../client/bots/sniper.ts';
import { steady } from '../../../client/bots/steady.ts';
import { STRATEGIES } from '../../../client/bots/strategies.ts';
import type { Sight, Strategy } from '../../../client/bots/strategy.ts';
import type { Fact } from '../../../client/line/fact.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import type { Amount, Position } from '../../../shared/wire/vocabulary.ts';
import { type FakeClient, fakeClient } from '../line/fake-client.ts';
import { at, bid, catalogueLot, lotId, T0 } from '../lots.ts';

const sight = (changes: Partial<Sight> = {}): Sight => ({
  now: T0,
  leftMs: 60_000,
  startingPrice: 10_000 as Amount,
  increment: 500 as Amount,
  bids: 1,
  leadingAmount: 10_000 as Amount,
  isLeading: false,
  ownBids: 0,
  nextValid: 10_500 as Amount,
  limit: 20_000 as Amount,
  ...changes,
});

describe('strategies', () => {
  it.each<[string, Strategy, Partial<Sight>, number | undefined]>([
    ['steady answers', steady, {}, 10_500],
    ['steady leads and waits', steady, { isLeading: true }, undefined],
    ['steady goes to its limit', steady, { limit: 10_500 as Amount }, 10_500],
    ['steady stops at its limit', steady, { limit: 10_499 as Amount }, undefined],
    ['sniper waits', sniper, { leftMs: SNIPER_LAST_MS + 1 }, undefined],
    ['sniper bids late', sniper, { leftMs: SNIPER_LAST_MS }, 10_500],
    ['sniper leads and waits', sniper, { leftMs: 1_000, isLeading: true }, undefined],
    ['opener leaves a lot with bids', opener, {}, undefined],
    ['opener opens', opener, { bids: 0, nextValid: 10_000 as Amount }, 10_000],
    ['opener opens once', opener, { bids: 0, ownBids: 1 }, undefined],
    ['opener has a limit', opener, { bids: 0, limit: 9_999 as Amount }, undefined],
  ])('%s', (_what, strategy, changes, amount) => {
    expect(strategy(sight(changes))?.bid).toBe(amount);
  });

  it('never go beyond the limit, nor below what the house takes', () => {
    const amount = fc.integer({ min: 1, max: 1_000_000 }).map((value) => value as Amount);
    const sights = fc.record({
      leftMs: fc.integer({ min: 1, max: 100_000 }),
      startingPrice: amount,
      bids: fc.nat(3),
      isLeading: fc.boolean(),
      ownBids: fc.nat(3),
      limit: amount,
      increment: amount,
      lead: amount,
    });
    fc.assert(
      fc.property(sights, fc.constantFrom(...STRATEGIES.values()), ({ lead, ...seen }, { decide }) => {
        const nextValid = (seen.bids === 0 ? seen.startingPrice : lead + seen.increment) as Amount;
        const move = decide(sight({ ...seen, nextValid }));
        expect(move === undefined || (move.bid <= seen.limit && move.bid >= nextValid)).toBe(true);
      }),
    );
  });
});

describe('the runner', () => {
  async function run(client: FakeClient, changes: Partial<BotParts> = {}, until?: () => void) {
    const facts: Fact[] = [];
    const stop = new AbortController();
    const limit = () => 12_000 as Amount;
    const face = { tell: (fact: Fact) => void facts.push(fact) };
    const running = runBot({ client, strategy: steady, limit, face, signal: stop.signal, ...changes });
    if (until !== undefined) {
      await vi.waitFor(until);
      stop.abort();
    }
    await running;
    return facts;
  }

  /** A house of one lot, which answers each bid as told and announces it. */
  function houseOf(answer: (amount: number) => 'accepted' | 'tie-lost' | ProtocolError) {
    const bids: number[] = [];
    const client: FakeClient = fakeClient({
      bid: async ({ amount, id }) => {
        bids.push(amount);
        const said = answer(amount);
        if (said instanceof ProtocolError) throw said;
        const common = { id: id ?? client.newCommandId() };
        if (said !== 'accepted') return { ...common, outcome: 'rejected', reason: said };
        const position = (bids.length + 10) as Position;
        client.tell({ type: 'bid-accepted', lot: lotId(1), position, amount });
        client.tell({ type: 'announced', position, announcements: [bid(position, 1, amount)] });
        return { ...common, outcome: 'accepted', position, lot: lotId(1), number: 1 };
      },
    });
    client.tell({ type: 'catalogue', lots: [catalogueLot(1)] });
    return { client, bids };
  }
  const outbid = (client: FakeClient, position: number, amount: number) =>
    client.tell({ type: 'announced', position: position as Position, announcements: [bid(position, 1, amount)] });
  const close = (client: FakeClient) => client.tell({ type: 'catalogue', lots: [catalogueLot(1, { status: 'sold' })] });

  it('bids until its limit, and ends with its lot', async () => {
    const { client, bids } = houseOf(() => 'accepted');
    const running = run(client, { only: 1 });
    await vi.waitFor(() => expect(bids).toEqual([10_000]));
    outbid(client, 30, 10_700);
    await vi.waitFor(() => expect(bids).toEqual([10_000, 11_200]));
    outbid(client, 31, 11_600);
    await new Promise((resolve) => setTimeout(resolve, 250));
    close(client);
    expect((await running).map(({ type }) => type)).toEqual(['accepted', 'accepted']);
    expect(bids).toHaveLength(2);
  });

  it('tries a bid that was not accepted again only after the lot has changed', async () => {
    const { client, bids } = houseOf((amount) => (amount === 10_000 ? 'tie-lost' : 'accepted'));
    const running = run(client, { only: lotId(1) });
    await vi.waitFor(() => expect(bids).toEqual([10_000]));
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(bids).toEqual([10_000]);
    outbid(client, 30, 10_000);
    await vi.waitFor(() => expect(bids).toEqual([10_000, 10_500]));
    close(client);
    expect((await running).map(({ type }) => type)).toEqual(['rejected', 'accepted']);
  });

  it('tells a refusal and goes on', async () => {
    const { client, bids } = houseOf(() => new ProtocolError('dms-unreachable'));
    const facts = await run(client, {}, () => expect(bids).toEqual([10_000]));
    expect(facts.map(({ type }) => type)).toEqual(['error']);
  });

  it.each<[string, (client: FakeClient) => void, Partial<BotParts>]>([
    ['its own', (client) => client.tell({ type: 'my-lots', lots: [lotId(1)] }), {}],
    ['closed', close, {}],
    ['over', (client) => Object.assign(client, { now: at(600) }), {}],
    ['of a currency in which its limit means nothing', () => undefined, { limit: () => undefined }],
    ['another than the one it was given', () => undefined, { only: 2 }],
    ['of a house that is away', (client) => Object.assign(client, { isUp: false }), {}],
    ['for which the strategy wants too much', () => undefined, { strategy: () => ({ bid: 12_001 as Amount }) }],
    ['for which the strategy wants too little', () => undefined, { strategy: () => ({ bid: 9_999 as Amount }) }],
  ])('leaves a lot alone that is %s', async (_what, prepare, changes) => {
    const { client, bids } = houseOf(() => 'accepted');
    prepare(client);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 250);
    await run(client, { ...changes, signal: stop.signal });
    expect(bids).toEqual([]);
  });

  it('a strategy that throws ends the bot', async () => {
    const { client } = houseOf(() => 'accepted');
    const strategy = () => {
      throw new RangeError('a bug of the strategy');
    };
    await expect(run(client, { strategy })).rejects.toThrow('a bug of the strategy');
  });
});
