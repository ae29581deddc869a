import { beforeEach, describe, expect, it } from 'vitest';
import { MOST_IN_A_BEAT, READING_BEAT_MS, Reading } from '../../../dms/gateway/reading.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

let timers: ManualTimers;
/** Who has no share left. */
let spent: Set<string>;
let reading: Reading<string>;
/** What was done with which connection. */
let done: string[];

const source = (name: string) => ({ pause: () => done.push(`-${name}`), resume: () => done.push(`+${name}`) });
const beat = () => timers.advance(READING_BEAT_MS);

beforeEach(() => {
  [timers, spent, done] = [new ManualTimers(), new Set(), []];
  reading = new Reading({ mayRead: (who) => !spent.has(who), later: timers.later });
});

describe('reading', () => {
  it('goes on where there is a share left', () => {
    reading.look('alice', source('a'));
    expect([done, timers.waiting]).toEqual([[], 0]);
  });

  it('stops where there is none, once, until there is one again', () => {
    const a = source('a');
    spent.add('alice');
    reading.look('alice', a);
    reading.look('alice', a);
    beat();
    beat();
    expect(done).toEqual(['-a']);
    spent.delete('alice');
    beat();
    expect(done).toEqual(['-a', '+a']);
    beat();
    expect(timers.waiting).toBe(0);
  });

  it('goes on from one connection of each in a beat, whoever has many', () => {
    for (const name of ['a1', 'a2', 'a3']) reading.pause('alice', source(name));
    reading.pause('bob', source('b1'));
    done.length = 0;
    beat();
    expect(done).toEqual(['+a1', '+b1']);
    beat();
    expect(done).toEqual(['+a1', '+b1', '+a2']);
  });

  it('goes on from so many in a beat and no more', () => {
    for (let index = 0; index < 3 * MOST_IN_A_BEAT; index += 1) reading.pause(`who ${index}`, source('x'));
    done.length = 0;
    beat();
    expect(done).toHaveLength(MOST_IN_A_BEAT);
  });

  it('goes on first from who is seldom stopped', () => {
    const flood = Array.from({ length: 3 * MOST_IN_A_BEAT }, (_, index) => [`who ${index}`, source('x')] as const);
    for (const [who, one] of flood) reading.pause(who, one);
    beat();
    for (const [who, one] of flood) reading.pause(who, one);
    reading.pause('honest', source('honest'));
    done.length = 0;
    // Those of the flood who were never served are new too, and came before.
    beat();
    beat();
    beat();
    expect(done.indexOf('+honest')).toBeLessThanOrEqual(2 * MOST_IN_A_BEAT);
    expect(done).toContain('+honest');
  });

  it('forgets a connection that is gone', () => {
    const a = source('a');
    spent.add('alice');
    reading.look('alice', a);
    reading.forget(a);
    spent.delete('alice');
    beat();
    expect([done, timers.waiting]).toEqual([['-a'], 0]);
  });
});
