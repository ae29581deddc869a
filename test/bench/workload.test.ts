/** What the workload's bench makes of what it drew, sent and heard. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Carried } from '../../bench/workload/crowd.ts';
import { Director } from '../../bench/workload/director.ts';
import { figureNames, othersOf, wantedMixes } from '../../bench/workload/figures.ts';
import { LotBoard } from '../../bench/workload/lot-board.ts';
import type { Note } from '../../bench/workload/notes.ts';
import { isTold, Notices } from '../../bench/workload/notices.ts';
import type { Board, BoardLot, Order, Outcome, People } from '../../bench/workload/orders.ts';
import { lastHeardOf, SlowestEar } from '../../bench/workload/slowest-ear.ts';
import { disclosedOf, lagsOf, type Turn, tally } from '../../bench/workload/turn.ts';
import { AUCTION_MARK_MIX, AuctionMark, BROKER_MIX } from '../../client/bots/workload/auction-mark.ts';
import { createRandom } from '../../client/bots/workload/random.ts';
import { digestOfTerms } from '../../shared/crypto/digest.ts';
import { LotTerms } from '../../shared/wire/commands.ts';
import { CLOSING_GRACE_MS, MAX_AMOUNT } from '../../shared/wire/limits.ts';
import type { LotId } from '../../shared/wire/vocabulary.ts';

/** Lists of numbers, as in `4,10 8,20`. */
const tuples = <Tuple extends number[]>(text: string) =>
  text.split(' ').map((one) => one.split(',').map(Number) as Tuple);

describe('the slowest of many connections', () => {
  it.each([
    ['is the last one to hear of a position', '0,5,100 0,5,103 0,5,101 5,9,140', '5,103 9,140'],
    [
      'may hear of several at once, when everybody else has long heard of them',
      '1,3,10 3,5,50 7,9,90 3,9,300',
      '3,10 5,300 9,300',
    ],
    [
      'may be told up to where nobody else was, and says nothing of what it knew before',
      '0,4,10 4,8,20 2,6,30 8,8,99',
      '4,30 6,30 8,20',
    ],
  ])('%s', (_, heard, told) => {
    const ear = new SlowestEar();
    for (const one of tuples<[number, number, number]>(heard)) ear.hear(...one);
    expect(ear.take()).toEqual(tuples(told));
    expect(ear.take()).toEqual([]);
  });

  it('is looked for in all processes, in each in the tick that told of the position', () => {
    const ticks = ['4,10 8,20', '6,15 9,26'].map(tuples<[number, number]>);
    const last = [1, 4, 5, 7, 8, 9, 10].map((position) => lastHeardOf(ticks, position));
    expect(last).toEqual([15, 15, 20, 26, 26, 26, undefined]);
    expect(lastHeardOf([], 1)).toBeUndefined();
  });
});

const carried = (kind: Order['kind'], outcome: Outcome, times: Partial<Carried> = {}): Carried => ({
  ...{ kind, outcome, due: 1_000, answeredAt: 1_020, lateMs: 1 },
  ...times,
});

describe('what a turn counts', () => {
  const all = [
    carried('bid', { outcome: 'accepted', position: 7 }, { answeredAt: 1_005 }),
    carried('bid', { outcome: 'rejected', reason: 'tie-lost' }),
    carried('bid', { outcome: 'rejected', reason: 'tie-lost' }),
    carried('bid', { outcome: 'unknown', reason: 'unanswered' }, { answeredAt: 61_000 }),
    carried('bid', { outcome: 'absent' }),
    carried('list', { outcome: 'accepted', position: 8 }),
    carried('allitems', { outcome: 'answered' }, { answeredAt: 1_300 }),
    carried('myitems', { outcome: 'refused', reason: 'too-many-requests' }),
  ];

  it('is operations by what became of them, listings and those who were not there apart', () => {
    expect(tally(all)).toEqual({
      ...{ operations: 6, bids: 4, accepted: 1 },
      others: { 'tie-lost': 2, unanswered: 1, 'too-many-requests': 1 },
      answerMs: [5, 20, 20, 60_000, 300, 20],
      lateMs: [1, 1, 1, 1, 1, 1],
    });
  });

  it('counts waiting from the moment at which something was due, however late it was begun', () => {
    expect(tally([carried('bid', { outcome: 'answered' }, { due: 900, lateMs: 90 })]).answerMs).toEqual([120]);
  });

  it('is how long after the answer the slowest heard of an accepted bid', () => {
    expect(lagsOf(all, [{ ticks: [[7, 1_040]] }, { ticks: [[9, 1_055]] }])).toEqual([50]);
    expect(lagsOf(all, [{ ticks: [[6, 1_040]] }])).toEqual([]);
  });

  it('is told with the most frequent reason first', () => {
    const turn = { ...tally(all), ended: ['transport close'] } as unknown as Turn;
    expect(othersOf([turn, turn])).toBe(
      '2 of 8 bids accepted, tie-lost 4, unanswered 2, too-many-requests 2, sessions ended by the house 2',
    );
  });
});

const ID = (number: number) => `00000000-0000-4000-8000-00000000000${number}` as LotId;
const terms = LotTerms.parse({ title: 'A lot', currency: 'EUR', startingPrice: 100, increment: 1, closesAt: 50_000 });
const PSEUDONYM = 'p';
const packet = (event: string, ...list: object[]) => `2${JSON.stringify([event, list])}`;
const listed = (lot: LotId, position: number) => ({
  position,
  lot,
  number: position,
  terms,
  pseudonym: PSEUDONYM,
  at: 9,
});

/** A board of three lots: the first was sold, the second found no bidder, the third is open. */
function boardOf(time: { now: number }, note: (note: Note) => void = () => undefined): LotBoard {
  const board = new LotBoard(() => time.now, note);
  board.hear(packet('someone_listed', listed(ID(1), 1), listed(ID(2), 2), listed(ID(3), 3)));
  const bid = (position: number, amount: number) => ({ position, lot: ID(1), amount, pseudonym: PSEUDONYM, at: 10 });
  board.hear(packet('someone_bid', bid(4, 120), bid(5, 110)));
  time.now = 53_040;
  board.hear(packet('item_closed', { position: 6, lot: ID(1), outcome: 'sold', at: 53_000 }));
  time.now = 53_080;
  board.hear(packet('item_closed', { position: 7, lot: ID(2), outcome: 'unsold', at: 53_000 }));
  return board;
}

describe('the board', () => {
  it('has what bids and closings make of lots', () => {
    const time = { now: 20 };
    const board = boardOf(time);
    expect(board.find(ID(1))).toMatchObject({ leadingAmount: 120, digest: digestOfTerms(terms), startingPrice: 100 });
    expect(board.ended().map(({ lot }) => lot)).toEqual([ID(1), ID(2)]);
    expect([board.has(ID(3)), board.has(ID(4))]).toEqual([true, false]);
    time.now = 49_999;
    expect(board.open().map(({ lot }) => lot)).toEqual([ID(3)]);
    // Its closing has come, and was not announced yet.
    time.now = 50_000;
    expect(board.open()).toEqual([]);
  });

  it('notes for the auditor what was heard, and up to where everything was told', () => {
    const notes: Note[] = [];
    const board = boardOf({ now: 20 }, (note) => notes.push(note));
    board.told(50, 7);
    board.told(50, 9);
    expect(notes.filter(({ note }) => note === 'content')).toHaveLength(7);
    expect(notes.filter(({ note }) => note === 'heard')).toEqual([
      { note: 'heard', who: 50, positions: [1, 2, 3, 4, 5, 6, 7], told: 7 },
      { note: 'heard', who: 50, positions: [], told: 9 },
    ]);
  });
});

describe('disclosures', () => {
  const end = terms.closesAt + CLOSING_GRACE_MS;
  const notice = (number: number, role: 'seller' | 'winner', at: number, enteredAt = 0) => ({
    ...{ lot: ID(number), role, at, enteredAt },
  });
  const window = { since: end, until: end + 1 };

  it('count for the parties of sales who were there when the lot closed', () => {
    const [board, noticed] = [boardOf({ now: 20 }), new Notices()];
    noticed.add([
      { noticed: [notice(1, 'seller', end + 70), notice(2, 'seller', end + 60)] },
      { noticed: [notice(1, 'winner', end + 4_000, end + 3_900)] },
    ]);
    expect(disclosedOf({ board, noticed }, [window])).toEqual({ toParties: [70], toAll: [40, 80] });
    const after = { since: end + 1, until: end + 2 };
    expect(disclosedOf({ board, noticed }, [after])).toEqual({ toParties: [], toAll: [] });
  });

  it('count once for each party, and are complete when everybody was told who has to be', () => {
    const [board, noticed] = [boardOf({ now: 20 }), new Notices()];
    const told = () => [1, 2, 3].map((number) => isTold(board.find(ID(number))!, noticed));
    noticed.add([{ noticed: [notice(1, 'seller', end + 70), notice(2, 'seller', end + 60)] }]);
    expect(told()).toEqual([false, true, false]);
    noticed.add([{ noticed: [notice(1, 'seller', end + 900), notice(1, 'winner', end + 75)] }]);
    expect(told()).toEqual([true, true, false]);
    expect(disclosedOf({ board, noticed }, [window]).toParties).toEqual([70, 75]);
  });
});

describe('the director', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  const markOf = (seed: string) => new AuctionMark(createRandom(seed), { sellers: 4, buyers: 4 });
  const mix = AUCTION_MARK_MIX;

  /** A director, in whose house is nothing to bid on yet, and people who answer when they are told to. */
  function setUp() {
    const asked: { order: Order; due: number; answer: (outcome: Outcome) => void }[] = [];
    const people: People = {
      isPresent: () => true,
      do: (_, order, due) => new Promise((answer) => asked.push({ order, due, answer })),
      leave: async () => undefined,
      enter: () => undefined,
      lifeOf: () => 0,
    };
    const open: BoardLot[] = [];
    const board: Board = { now: () => 0, open: () => open, ended: () => [], has: () => true };
    const director = new Director({ size: { connections: 4, lots: 1 }, board, people });
    return { asked, open, director, over: new AbortController() };
  }

  /** After the beginning: when everything was due that was asked in so long. */
  async function duesIn(ms: number, perSecond: number, seed: string): Promise<number[]> {
    const { asked, director, over } = setUp();
    const began = performance.now();
    void director.operate({ mark: markOf(seed), mix, perSecond, signal: over.signal });
    await vi.advanceTimersByTimeAsync(ms);
    over.abort();
    return asked.map(({ due }) => due - began);
  }
  /** They are drawn from another beginning. */
  const inMs = (dues: readonly number[]) => dues.map((due) => due.toFixed(3));

  it('asks at moments that are drawn, whether or not anybody has answered', async () => {
    const perSecond = 100 / (1 - mix.list);
    // Questions alone: there is no lot to bid on. Bids are 23.5 of 88.5.
    const dues = await duesIn(10_000, perSecond, 'one');
    expect(dues.length).toBeGreaterThan(600);
    expect(dues.length).toBeLessThan(870);
    expect(dues).toEqual(dues.toSorted((one, other) => one - other));
    expect(inMs(await duesIn(10_000, perSecond, 'one'))).toEqual(inMs(dues));
    expect(inMs(await duesIn(10_000, perSecond, 'other'))).not.toEqual(inMs(dues));
  });

  it('catches up after it was kept from its work, and is late by that and no more', async () => {
    const dues = await duesIn(1_000, 5_000, 'late');
    // Questions are 65 % of all.
    expect(dues.length).toBeGreaterThan(3_000);
    expect(dues.at(-1)).toBeGreaterThan(990);
  });

  it('keeps as many operations under way as it was told to, and no more', async () => {
    const { asked, director, over } = setUp();
    const work = director.saturate({ mark: markOf('s'), mix, underWay: 3, signal: over.signal });
    await vi.advanceTimersByTimeAsync(100);
    expect(asked).toHaveLength(3);
    for (let answered = 0; answered < 5; answered += 1) {
      asked[answered]!.answer({ outcome: 'answered' });
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(asked).toHaveLength(8);
    over.abort();
    for (const { answer } of asked) answer({ outcome: 'answered' });
    await vi.advanceTimersByTimeAsync(100);
    await work;
  });

  it('bids no more than an amount can be', async () => {
    const { asked, open, director, over } = setUp();
    director.list(markOf('l').burst(1), { signal: over.signal, closesAt: 1e9 });
    asked[0]!.answer({ outcome: 'accepted', lot: ID(1) });
    open.push({ lot: ID(1), listedAt: 0, closesAt: 1e9, startingPrice: 100, leadingAmount: MAX_AMOUNT });
    void director.operate({ mark: markOf('b'), mix: BROKER_MIX, perSecond: 100, signal: over.signal });
    await vi.advanceTimersByTimeAsync(1_000);
    over.abort();
    const amounts = asked.flatMap(({ order }) => (order.kind === 'bid' ? [order.amount] : []));
    expect(new Set(amounts)).toEqual(new Set([MAX_AMOUNT]));
  });
});

describe('the figures', () => {
  it('have names of their own in each size, and no group is the beginning of another size', () => {
    const names = (['S', 'M', 'L'] as const).map((size) => figureNames(size));
    expect(new Set(names.flat()).size).toBe(names.flat().length);
    expect(names.flat().filter((name) => name.startsWith('workload-'))).toEqual([]);
    expect(names[0]).toContain('s-auctionmark-90-p999');
  });

  it('say which mixes have to be run', () => {
    const wanted = (only: string) => wantedMixes('S', (name) => name.startsWith(only));
    expect(wanted('s-broker-25')).toEqual(['broker']);
    expect(wanted('s-auction')).toEqual(['auctionmark']);
    expect(wanted('s-')).toEqual(['broker', 'auctionmark']);
    expect(wanted('s-memory')).toEqual(['broker', 'auctionmark']);
  });
});
