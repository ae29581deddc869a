import { describe, expect, it } from 'vitest';
import { COMMAND_TURNS, FairTurns } from '../../../dms/admission/fair-turns.ts';
import { DEFAULT_RATES, RateLimits } from '../../../dms/admission/rate-limits.ts';
import { TokenBucket } from '../../../dms/admission/token-bucket.ts';
import type { Subject } from '../../../shared/wire/vocabulary.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { codeThrownBy, refusalOf } from '../../support/refusal.ts';

const [ALICE, BOB] = ['alice', 'bob'] as unknown as [Subject, Subject];
const times = <Result>(count: number, call: () => Result) => Array.from({ length: count }, call);

describe('a bucket', () => {
  it('gives its burst at once, then its rate', () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, clock);
    expect(times(4, () => bucket.take())).toEqual([true, true, true, false]);
    clock.advance(99);
    expect(bucket.take()).toBe(false);
    clock.advance(1);
    expect(times(2, () => bucket.take())).toEqual([true, false]);
    clock.advance(3_600_000);
    expect(times(4, () => bucket.take())).toEqual([true, true, true, false]);
  });

  it('knows no other time than the monotonic one', () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket({ perSecond: 10, burst: 1 }, clock);
    bucket.take();
    clock.wall += 3_600_000;
    expect(bucket.take()).toBe(false);
  });
});

describe('rate limits', () => {
  const rates = { ...DEFAULT_RATES, commands: { perSecond: 1, burst: 5 }, mistakes: { perSecond: 1, burst: 2 } };

  it('are each participant own', () => {
    const limits = new RateLimits(new ManualClock(), rates);
    const codes = times(6, () => codeThrownBy(() => limits.takeCommand(ALICE)));
    expect(codes).toEqual([...times(5, () => undefined), 'too-many-requests']);
    expect(codeThrownBy(() => limits.takeCommand(BOB))).toBeUndefined();
  });

  it('bar who has used up all mistakes, once, until all have come back', () => {
    const clock = new ManualClock();
    const barred: Subject[] = [];
    const limits = new RateLimits(clock, rates, (subject) => barred.push(subject));
    const codes = () => [ALICE, BOB].map((who) => codeThrownBy(() => limits.takeCommand(who)));
    limits.countMistake(ALICE);
    expect([barred, codes()]).toEqual([[], [undefined, undefined]]);
    times(3, () => limits.countMistake(ALICE));
    expect([barred, codes()]).toEqual([[ALICE], ['too-many-requests', undefined]]);
    expect([ALICE, BOB].map((who) => codeThrownBy(() => limits.demandWelcome(who)))).toEqual([
      'too-many-requests',
      undefined,
    ]);
    clock.advance(1_999);
    expect(codes()).toEqual(['too-many-requests', undefined]);
    clock.advance(1);
    expect([codes(), codeThrownBy(() => limits.demandWelcome(ALICE))]).toEqual([[undefined, undefined], undefined]);
    times(2, () => limits.countMistake(ALICE));
    expect(barred).toEqual([ALICE, ALICE]);
  });

  it('let nobody in who has come too often, whatever others say of him', () => {
    const clock = new ManualClock();
    const limits = new RateLimits(clock, { ...rates, entries: { perSecond: 1, burst: 2 } });
    times(9, () => limits.demandWelcome(ALICE));
    times(2, () => limits.countEntry(ALICE));
    expect(codeThrownBy(() => limits.demandWelcome(ALICE))).toBe('too-many-requests');
    expect(codeThrownBy(() => limits.demandWelcome(BOB))).toBeUndefined();
    clock.advance(1_000);
    expect(codeThrownBy(() => limits.demandWelcome(ALICE))).toBeUndefined();
  });

  it('stop reading before what is read has to be refused', () => {
    const clock = new ManualClock();
    const commands = { perSecond: 10, burst: 40 };
    const limits = new RateLimits(clock, { ...rates, commands });
    const read = () => {
      limits.takeCommand(ALICE);
      return limits.mayRead(ALICE);
    };
    expect(times(25, read)).toEqual([...times(24, () => true), false]);
    expect(times(15, () => codeThrownBy(() => limits.takeCommand(ALICE)))).toEqual(times(15, () => undefined));
    clock.advance(1_500);
    expect(limits.mayRead(ALICE)).toBe(false);
    clock.advance(100);
    expect(limits.mayRead(ALICE)).toBe(true);
  });

  it.each([
    ['packets', (limits: RateLimits) => limits.countPacket(ALICE)],
    ['questions', (limits: RateLimits) => limits.takeQuestion(ALICE)],
  ] as const)('stop reading where there are too many %s', (name, take) => {
    const clock = new ManualClock();
    const limits = new RateLimits(clock, {
      ...rates,
      commands: DEFAULT_RATES.commands,
      [name]: { perSecond: 1, burst: 2 },
    });
    const seen = times(3, () => {
      const mayRead = limits.mayRead(ALICE);
      if (mayRead) take(limits);
      return mayRead;
    });
    expect([seen, limits.mayRead(BOB)]).toEqual([[true, true, false], true]);
    clock.advance(1_000);
    expect(limits.mayRead(ALICE)).toBe(true);
  });

  it('forget who was not here for long, and nobody else', () => {
    const clock = new ManualClock();
    const limits = new RateLimits(clock, rates);
    times(5, () => limits.takeCommand(ALICE));
    for (let count = 0; count < 25_000; count += 1) limits.takeCommand(`participant ${count}` as Subject);
    expect(codeThrownBy(() => limits.takeCommand(ALICE))).toBe('too-many-requests');
  });
});

const ONE_PLACE = { atOnce: 1, atOnceAhead: 1, waiting: 8, waitingInAll: 1_000, waitingInCrowd: 2 };

describe('fair turns', () => {
  /** Work that ends when the test says so; `order` is how it began. */
  function workshop() {
    const order: string[] = [];
    const gates: (() => void)[] = [];
    const work = (name: string) => () => {
      order.push(name);
      return new Promise<string>((resolve) => gates.push(() => resolve(name)));
    };
    const open = async () => {
      for (const gate of gates.splice(0)) gate();
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { order, work, open };
  }

  it('let nobody wait for the flood of another', async () => {
    const turns = new FairTurns();
    const { order, work, open } = workshop();
    const flood = times(200, () => turns.take(ALICE, work('flood')));
    const honest = turns.take(BOB, work('honest'));
    await open();
    expect(order.indexOf('honest')).toBeLessThan(40);
    await open();
    expect(await honest).toBe('honest');
    while (order.length < 201) await open();
    await open();
    await Promise.all(flood);
  });

  it('let who asks now and then go before any number of those who never stop', async () => {
    const turns = new FairTurns<number>(ONE_PLACE);
    const { order, work, open } = workshop();
    for (let who = 1; who <= 50; who += 1) times(4, () => void turns.take(who, work(`flood ${who}`)));
    // Each of them was served once, and more of theirs waits.
    while (order.length < 51) await open();
    void turns.take(0, work('honest'));
    await open();
    expect(order[51]).toBe('honest');
  });

  it('let who is ahead of those who never stop not even wait for a place', async () => {
    const turns = new FairTurns<number>({ ...ONE_PLACE, atOnceAhead: 4 });
    const { order, work, open } = workshop();
    for (let who = 1; who <= 5; who += 1) times(8, () => void turns.take(who, work(`flood ${who}`)));
    while (order.length < 21) await open();
    const before = order.length;
    times(6, () => void turns.take(0, work('honest')));
    // The one place is taken. His first is done at once; then he has had his turn, as they have.
    expect(order.slice(before)).toEqual(['honest']);
  });

  it('keep so many waiting and no more', async () => {
    const turns = new FairTurns();
    const { work } = workshop();
    const codes: (string | undefined)[] = [];
    for (let count = 0; count < 400; count += 1) {
      void refusalOf(turns.take(ALICE, work('flood'))).then((code) => codes.push(code));
    }
    const honest = refusalOf(turns.take(BOB, work('honest'))).then((code) => codes.push(`honest ${code}`));
    await new Promise((resolve) => setImmediate(resolve));
    // Some are being done, 256 wait, and so does the other participant's.
    expect(codes).toEqual(times(400 - COMMAND_TURNS.atOnce - 256, () => 'too-many-requests'));
    expect(honest).toBeInstanceOf(Promise);
  });

  it('keep so much of all waiting and no more, and room in it for those who have little', async () => {
    const turns = new FairTurns<number>({ ...ONE_PLACE, waitingInAll: 32 });
    const { work } = workshop();
    const refused: number[] = [];
    const take = (who: number, count = 1) => {
      times(count, () => void refusalOf(turns.take(who, work('never done'))).then(() => refused.push(who)));
    };
    // One is being done, and eight of each wait: half of the room.
    take(0, 9);
    take(1, 8);
    // From here on nobody gets more than two places.
    take(2, 5);
    take(0);
    // Fourteen places are left.
    for (let who = 3; who < 20; who += 1) take(who);
    await new Promise((resolve) => setImmediate(resolve));
    expect(refused).toEqual([2, 2, 2, 0, 17, 18, 19]);
  });

  it('leave a turn of the event loop to others where a thousand end as soon as they begin', async () => {
    const turns = new FairTurns<number>();
    let ended = 0;
    const end = async () => {
      ended += 1;
    };
    const work = Array.from({ length: 1_000 }, (_, n) => turns.take(n, end));
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBeLessThan(300);
    await Promise.all(work);
    expect(ended).toBe(1_000);
  });

  it('hand on what the work ends with, and go on after an error', async () => {
    const turns = new FairTurns();
    const failures = times(100, () => turns.take(ALICE, () => Promise.reject(new TypeError('no'))).catch(String));
    expect(new Set(await Promise.all(failures))).toEqual(new Set(['TypeError: no']));
    expect(await turns.take(ALICE, async () => 7)).toBe(7);
  });
});
