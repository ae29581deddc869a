import { describe, expect, it } from 'vitest';
import { TrustedClock } from '../../client/trusted-clock.ts';
import type { Stamp } from '../../shared/timestamp/timestamp-token.ts';
import type { Instant, Serial } from '../../shared/wire/vocabulary.ts';

const HOUR_MS = 3_600_000;
const T = 1_763_690_000_000;
const stamp = (at: number, epoch = 1, clock: Stamp['clock'] = 'simulated'): Stamp => ({
  at: at as Instant,
  serial: 1 as Serial,
  epoch,
  clock,
});

function machineAt(wall: number) {
  const machine = { wall, monotonicMs: 5_000, now: () => machine.wall, monotonic: () => machine.monotonicMs };
  return machine;
}

describe('the trusted clock', () => {
  it.each([-HOUR_MS, 0, HOUR_MS])(
    "does not care that the machine's clock is off by %d ms, nor that it is set",
    (offset) => {
      const machine = machineAt(T + offset);
      const clock = new TrustedClock(machine);
      expect(clock.isKnown).toBe(false);
      clock.adopt(stamp(T), 4_900);
      expect(clock.now()).toBe(T + 100);
      machine.wall -= HOUR_MS;
      machine.monotonicMs += 2_500;
      expect(clock.now()).toBe(T + 2_600);
    },
  );

  it('tells the first time, a new epoch and a step, and no small correction', () => {
    const machine = machineAt(T);
    const clock = new TrustedClock(machine);
    expect(clock.adopt(stamp(T), 5_000)).toEqual({ time: { at: T, simulated: true, epoch: 1 }, byMs: 0 });
    expect(clock.adopt(stamp(T + 40), 5_000)).toBeUndefined();
    expect(clock.now()).toBe(T + 40);
    expect(clock.adopt(stamp(T + 1_040), 5_000)).toMatchObject({ byMs: 1_000 });
    expect(clock.adopt(stamp(T + 72 * HOUR_MS, 2), 5_000)).toMatchObject({ byMs: 72 * HOUR_MS - 1_040 });
    expect(clock.adopt(stamp(T, 3, 'real'), 5_000)).toMatchObject({ time: { at: T, simulated: false, epoch: 3 } });
  });

  it('takes no time of an epoch that is over', () => {
    const clock = new TrustedClock(machineAt(T));
    clock.adopt(stamp(T, 2), 5_000);
    expect(clock.adopt(stamp(T + HOUR_MS, 1), 5_000)).toBeUndefined();
    expect(clock.now()).toBe(T);
  });
});
