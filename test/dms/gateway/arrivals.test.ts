import { beforeEach, describe, expect, it } from 'vitest';
import {
  ARRIVALS_BEAT_MS,
  ARRIVALS_PER_SECOND,
  Arrivals,
  BUSY_ARRIVALS_PER_SECOND,
  BUSY_WINDOW_MS,
} from '../../../dms/gateway/arrivals.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

const MOST_IN_A_BEAT = (ARRIVALS_PER_SECOND * ARRIVALS_BEAT_MS) / 1_000;
const MOST_IN_A_WINDOW = (ARRIVALS_PER_SECOND * BUSY_WINDOW_MS) / 1_000;
const FEWEST_IN_A_WINDOW = (BUSY_ARRIVALS_PER_SECOND * BUSY_WINDOW_MS) / 1_000;

let clock: ManualClock;
let timers: ManualTimers;
let busy: number;
let looks: number;
let arrivals: Arrivals;
let began: string[];
let ended: string[];

beforeEach(() => {
  [clock, timers, busy, began, ended] = [new ManualClock(), new ManualTimers(), 0, [], []];
  looks = 0;
  const busyShare = () => {
    looks += 1;
    return busy;
  };
  arrivals = new Arrivals({ clock, busyShare, later: timers.later });
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

/** `ms` is how long the event loop takes to come round to it. */
const beat = (count = 1, ms = ARRIVALS_BEAT_MS) => {
  for (let left = count; left > 0; left -= 1) {
    clock.advance(ms);
    timers.advance(ARRIVALS_BEAT_MS);
  }
};
const window = (count = 1) => beat((count * BUSY_WINDOW_MS) / ARRIVALS_BEAT_MS);

describe('arrivals', () => {
  it('come in at once where there is time for them', () => {
    arrive('a');
    expect(began).toEqual(['a']);
  });

  it('come in one by one, so many in a second, and fewer while there is much to do', () => {
    arrive('a', 60);
    expect(began).toHaveLength(MOST_IN_A_BEAT);
    window();
    expect(began).toHaveLength(MOST_IN_A_BEAT + MOST_IN_A_WINDOW);
    busy = 0.9;
    window(3);
    expect(began).toHaveLength(MOST_IN_A_BEAT + MOST_IN_A_WINDOW + 3 * FEWEST_IN_A_WINDOW);
    busy = 0.1;
    window();
    expect(began).toHaveLength(MOST_IN_A_BEAT + 2 * MOST_IN_A_WINDOW + 3 * FEWEST_IN_A_WINDOW);
  });

  it('are not taken for much to do by themselves: how much there is, is looked at over more than one of them', () => {
    arrive('a', 60);
    window();
    looks = 0;
    window(3);
    expect(looks).toBe(3);
  });

  it('come in by the time that has passed, however seldom the event loop comes round to it', () => {
    busy = 0.9;
    for (let caller = 0; caller < 200; caller += 1) arrive(`caller ${caller}`);
    beat(3, 110);
    expect(began).toHaveLength(MOST_IN_A_BEAT + Math.floor(BUSY_ARRIVALS_PER_SECOND * 0.33));
  });

  it('do not come in by the hundred after a standstill, nor after a while without anybody', () => {
    arrive('a', MOST_IN_A_BEAT);
    beat(1, 60_000);
    for (let caller = 0; caller < 200; caller += 1) arrive(`caller ${caller}`);
    expect(began).toHaveLength(2 * MOST_IN_A_BEAT);
    busy = 0.9;
    beat(1, 4_000);
    expect(began).toHaveLength(2 * MOST_IN_A_BEAT + BUSY_ARRIVALS_PER_SECOND * 0.4);
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
