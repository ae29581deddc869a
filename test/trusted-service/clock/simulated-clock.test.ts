import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClockKind } from '../../../shared/wire/vocabulary.ts';
import { Instant } from '../../../shared/wire/vocabulary.ts';
import { SimulatedClock } from '../../../trusted-service/clock/simulated-clock.ts';
import type { Numbers } from '../../../trusted-service/store/numbers.ts';
import { codeThrownBy } from '../../support/refusal.ts';
import { START, TestMachine } from '../test-service.ts';
import { unrecorded } from '../unrecorded.ts';

/** What is kept of the clock, without a disk. */
function memory() {
  let [epoch, offset] = [0, 0];
  const beginEpoch = (offsetMs: number) => {
    offset = offsetMs;
    epoch += 1;
    return epoch;
  };
  let reached = 0;
  const reachTime = (at: number) => {
    reached = at;
  };
  return { beginEpoch, clockOffsetMs: () => offset, reachTime, timeReached: () => reached } as unknown as Numbers;
}

const load = (kind: ClockKind, machine = new TestMachine(), numbers = memory()) =>
  SimulatedClock.load(kind, machine, numbers, unrecorded);

describe('the clock', () => {
  it('can be set only where it is simulated', () => {
    const clock = load('real');
    expect(codeThrownBy(() => clock.set(Instant.parse(0)))).toBe('clock-not-simulated');
    expect(codeThrownBy(() => clock.reset())).toBe('clock-not-simulated');
    expect(clock.state()).toEqual({ clock: 'real', epoch: 1, time: START, offsetMs: 0 });
  });

  it('answers with exactly the time that it was set to, while the machine’s runs on', () => {
    const machine = new TestMachine();
    machine.now = () => machine.time++;
    const clock = load('simulated', machine);
    expect(clock.set(Instant.parse(77)).time).toBe(77);
  });

  it('never shows an earlier time in the same epoch, nor an earlier epoch, whatever happens to it', () => {
    const change = fc.oneof(
      fc.record({ kind: fc.constant('machine' as const), by: fc.integer({ min: -10_000, max: 10_000 }) }),
      fc.record({ kind: fc.constant('set' as const), by: fc.integer({ min: 0, max: 4e12 }) }),
      fc.record({ kind: fc.constantFrom('reset' as const, 'restart' as const), by: fc.constant(0) }),
    );
    fc.assert(fc.property(fc.array(change), watch));
  });
});

interface Change {
  readonly kind: 'machine' | 'set' | 'reset' | 'restart';
  readonly by: number;
}

function watch(changes: readonly Change[]): void {
  const [machine, numbers] = [new TestMachine(), memory()];
  let clock = load('simulated', machine, numbers);
  const happen: Record<Change['kind'], (by: number) => void> = {
    machine: (by) => {
      machine.time += by;
    },
    set: (by) => clock.set(Instant.parse(by)),
    reset: () => clock.reset(),
    restart: () => {
      clock = load('simulated', machine, numbers);
    },
  };
  for (const { kind, by } of changes) {
    const before = clock.read();
    happen[kind](by);
    const after = clock.read();
    if (kind === 'machine') {
      expect(after.epoch).toBe(before.epoch);
      expect(after.time).toBeGreaterThanOrEqual(before.time);
    } else {
      expect(after.epoch).toBe(before.epoch + 1);
    }
  }
}
