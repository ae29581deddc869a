import { describe, expect, it } from 'vitest';
import { MAX_SLEW, STEP_TOLERANCE_MS, TimeMonitor } from '../../../trusted-service/clock/time-monitor.ts';
import { codeThrownBy } from '../../support/refusal.ts';
import { START, TestMachine } from '../test-service.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Time passes by `pass`, and the wall clock is set by `set` at its end. */
interface Happening {
  readonly pass?: number;
  readonly set?: number;
}

const slewing = (rate: number, minutes: number): Happening[] =>
  Array.from({ length: minutes }, () => ({ pass: MINUTE_MS, set: MINUTE_MS * rate }));

/** What each happening leaves: the step that is seen, or nothing. */
const TABLE: readonly (readonly [what: string, happenings: readonly Happening[], seen: number | undefined])[] = [
  ['time that passes', [{ pass: 3 * HOUR_MS }], undefined],
  ['a slew ahead', slewing(MAX_SLEW, 600), undefined],
  ['a slew back', slewing(-MAX_SLEW, 600), undefined],
  ['a slew that nobody looked at for a day', [{ pass: 24 * HOUR_MS, set: 24 * HOUR_MS * MAX_SLEW }], undefined],
  ['as much as is tolerated', [{ set: STEP_TOLERANCE_MS }], undefined],
  ['as much back', [{ set: -STEP_TOLERANCE_MS }], undefined],
  ['a step ahead', [{ set: STEP_TOLERANCE_MS + 5 }], STEP_TOLERANCE_MS + 5],
  ['a step back', [{ set: -STEP_TOLERANCE_MS - 5 }], -STEP_TOLERANCE_MS - 5],
  ['a second that is set after an hour', [{ pass: HOUR_MS, set: 2_000 + HOUR_MS * MAX_SLEW }], 2_000],
  ['a pause of the machine, which its monotonic clock does not count', [{ pass: 1_000, set: HOUR_MS }], HOUR_MS],
  ['small steps that are a large one together', Array.from({ length: 4 }, () => ({ set: 40 })), 160],
  ['a drift that is twice as fast as any slew', slewing(2 * MAX_SLEW, 6), 270],
  ['a step that was taken back', [{ set: HOUR_MS }, { pass: 9_000, set: -HOUR_MS }], undefined],
  ['a step that lasts', [{ set: HOUR_MS }, ...Array.from({ length: 40 }, () => ({ pass: HOUR_MS }))], HOUR_MS],
];

describe('the time monitor', () => {
  it.each(TABLE)('judges %s', (_what, happenings, seen) => {
    const machine = new TestMachine();
    const monitor = new TimeMonitor(machine);
    expect(monitor.demandTime()).toBe(START);
    let last: number | undefined;
    for (const { pass = 0, set = 0 } of happenings) {
      machine.time += pass;
      machine.setByMs += set;
      last = monitor.look()?.byMs;
    }
    if (seen === undefined) expect(last).toBeUndefined();
    else expect(Math.abs((last ?? 0) - seen)).toBeLessThanOrEqual(5);
    expect(codeThrownBy(() => monitor.demandTime())).toBe(seen === undefined ? undefined : 'clock-stepped');
  });

  it('takes the wall clock as it is once somebody has confirmed it, and no later step', () => {
    const machine = new TestMachine();
    const monitor = new TimeMonitor(machine);
    monitor.demandTime();
    machine.setByMs -= HOUR_MS;
    expect(monitor.look()?.byMs).toBeCloseTo(-HOUR_MS, -1);
    monitor.confirm();
    expect(monitor.demandTime()).toBe(START - HOUR_MS);
    machine.setByMs += HOUR_MS;
    expect(monitor.look()?.byMs).toBeCloseTo(HOUR_MS, -1);
  });

  it('has nothing to compare with at the start but the past, which can’t come again', () => {
    const machine = new TestMachine();
    const begin = (after: number) => new TimeMonitor(machine, START + after);
    expect(begin(STEP_TOLERANCE_MS).look()).toBeUndefined();
    const behind = begin(HOUR_MS);
    expect(behind.look()).toEqual({ byMs: -HOUR_MS });
    // It is told apart from the past alone: when that is reached, nothing is known against the clock.
    machine.time += HOUR_MS;
    expect(behind.look()).toBeUndefined();
  });

  it('is not misled by a reading that was interrupted', () => {
    const machine = new TestMachine();
    const monitor = new TimeMonitor(machine);
    monitor.demandTime();
    // Somebody else has the processor for 300 ms in the middle of the next reading.
    const pauses = [0, 300];
    machine.now = () => {
      machine.time += pauses.pop() ?? 0;
      return machine.time + machine.setByMs;
    };
    expect(monitor.look()).toBeUndefined();
    machine.setByMs += 120;
    expect(monitor.look()?.byMs).toBeCloseTo(120, -1);
  });

  it('goes by the shortest of many interrupted readings', () => {
    const machine = new TestMachine();
    const pauses = [900, 700, 10, 800, 600];
    machine.now = () => {
      const wall = machine.time + machine.setByMs;
      machine.time += pauses.pop() ?? 0;
      return wall;
    };
    const monitor = new TimeMonitor(machine);
    monitor.demandTime();
    machine.setByMs += 120;
    expect(monitor.look()).toBeDefined();
  });
});
