import { beforeEach, describe, expect, it } from 'vitest';
import { ARRIVALS_BEAT_MS, Arrivals, FEWEST_IN_A_BEAT, MOST_IN_A_BEAT } from '../../../dms/gateway/arrivals.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

let clock: ManualClock;
let timers: ManualTimers;
let busy: number;
let arrivals: Arrivals;
let began: string[];
let ended: string[];

beforeEach(() => {
  [clock, timers, busy, began, ended] = [new ManualClock(), new ManualTimers(), 0, [], []];
  arrivals = new Arrivals({ clock, busyShare: () => busy, later: timers.later });
});

function arrive(caller: string, count = 1): { isOver: boolean }[] {
  return Array.from({ length: count }, () => {
    const arrival = {
      isOver: false,
      begin: () => void began.push(caller),
      end: () => void ended.push(caller),
    };
    arrivals.arrive(caller, arrival);
    return arrival;
  });
}

const beat = (count = 1) => {
  for (let left = count; left > 0; left -= 1) {
    clock.advance(ARRIVALS_BEAT_MS);
    timers.advance(ARRIVALS_BEAT_MS);
  }
};

describe('arrivals', () => {
  it('come in at once where there is time for them', () => {
    arrive('a');
    expect(began).toEqual(['a']);
  });

  it('come in so many in a beat, and fewer while there is much to do', () => {
    arrive('a', 40);
    expect(began).toHaveLength(MOST_IN_A_BEAT);
    beat();
    expect(began).toHaveLength(2 * MOST_IN_A_BEAT);
    busy = 0.9;
    beat(3);
    expect(began).toHaveLength(2 * MOST_IN_A_BEAT + 3 * FEWEST_IN_A_BEAT);
    busy = 0.1;
    beat();
    expect(began).toHaveLength(3 * MOST_IN_A_BEAT + 3 * FEWEST_IN_A_BEAT);
  });

  it('of one address wait for each other, and no one else does', () => {
    arrive('flood', 50);
    arrive('honest');
    beat();
    expect(began.slice(MOST_IN_A_BEAT)[0]).toBe('honest');
  });

  it('of one address wait so many and no more', () => {
    arrive('flood', 100);
    expect(ended).toHaveLength(100 - MOST_IN_A_BEAT - 64);
    arrive('honest');
    expect(ended).not.toContain('honest');
  });

  it('wait so many in all and no more', () => {
    arrive('first', MOST_IN_A_BEAT);
    for (let caller = 0; caller < 4_096; caller += 1) arrive(`flood ${caller}`);
    expect(ended).toEqual([]);
    arrive('one too many');
    expect(ended).toEqual(['one too many']);
  });

  it('that have gone cost nothing', () => {
    arrive('a', MOST_IN_A_BEAT);
    for (const arrival of arrive('gone', 30)) arrival.isOver = true;
    arrive('b');
    beat();
    expect(began.slice(MOST_IN_A_BEAT)).toEqual(['b']);
  });

  it('wait no longer than anybody would', () => {
    busy = 1;
    arrive('first', MOST_IN_A_BEAT);
    arrive('late');
    clock.advance(5_001);
    beat();
    expect([began.includes('late'), ended]).toEqual([false, ['late']]);
  });

  it('end when the house does', () => {
    arrive('a', MOST_IN_A_BEAT + 2);
    arrivals.close();
    expect(ended).toEqual(['a', 'a']);
    beat();
    arrive('b');
    expect(ended).toEqual(['a', 'a', 'b']);
  });
});
