/**
 * Whether the machine's clock can be believed: it may be slewed, but not set, while the service runs. Its wall clock is
 * compared with its monotonic one, which nobody can set; a pause of the machine, which the monotonic clock does not
 * count, shows in the same way.
 */
import { ProtocolError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/time/clock.ts';

/** Less than NTP daemons correct by setting the clock (ntpd: from 128 ms), more than two readings can differ for other reasons. */
export const STEP_TOLERANCE_MS = 100;
/** How fast a clock is slewed at most (adjtime, ntpd): what differs by more has been set. */
export const MAX_SLEW = 0.0005;
/** A reading that took longer than this says too little about one moment and is taken again; the shortest one counts. */
const MAX_READING_MS = 2;
const READINGS = 5;

/** The clock was set: by so much, backwards if negative. */
export interface ClockStep {
  readonly byMs: number;
}

/** Wall minus monotonic time lies in [low, high]. */
interface Reading {
  readonly wall: number;
  readonly monotonic: number;
  readonly low: number;
  readonly high: number;
}

export class TimeMonitor {
  readonly #machine: Clock;
  /** A time before which it can't be: what this authority did last before it ended. */
  readonly #notBefore: number;
  /** Wall minus monotonic time, as it should be: follows a slew, and no step. Unknown before the first believable reading. */
  #expected: { readonly offset: number; readonly at: number } | undefined;
  #step: ClockStep | undefined;

  constructor(machine: Clock, notBefore: number = Number.NEGATIVE_INFINITY) {
    this.#machine = machine;
    this.#notBefore = notBefore;
  }

  /** The wall clock's time, once it is compared. Throws 'clock-stepped'. */
  demandTime(): number {
    const { wall } = this.#compare();
    if (this.#step === undefined) return wall;
    throw new ProtocolError('clock-stepped', describeStep(this.#step));
  }

  /** What is wrong with the clock now. It ends by itself where both clocks agree again, as when a mistake was taken back. */
  look(): ClockStep | undefined {
    this.#compare();
    return this.#step;
  }

  /** From now on the wall clock is right as it stands: somebody has compared it with another one. */
  confirm(): void {
    this.#expect(this.#read());
  }

  #compare(): Reading {
    const reading = this.#read();
    if (this.#expected === undefined) this.#begin(reading);
    else this.#follow(reading, this.#expected);
    return reading;
  }

  /** At the start there is nothing to compare with but the past. */
  #begin(reading: Reading): void {
    if (reading.wall < this.#notBefore - STEP_TOLERANCE_MS) this.#step = { byMs: reading.wall - this.#notBefore };
    else this.#expect(reading);
  }

  #follow(reading: Reading, { offset, at }: { readonly offset: number; readonly at: number }): void {
    const { low, high, monotonic } = reading;
    const off = low > offset ? low - offset : Math.min(0, high - offset);
    // What is spent on following is gone: many small steps are a step.
    const slew = this.#step === undefined ? Math.max(0, monotonic - at) * MAX_SLEW : 0;
    const followed = Math.max(-slew, Math.min(off, slew));
    const rest = off - followed;
    if (Math.abs(rest) > STEP_TOLERANCE_MS) {
      this.#step = { byMs: Math.round(rest) };
      return;
    }
    this.#step = undefined;
    this.#expected = { offset: offset + followed, at: monotonic };
  }

  #expect({ low, high, monotonic }: Reading): void {
    this.#expected = { offset: (low + high) / 2, at: monotonic };
    this.#step = undefined;
  }

  /** The two clocks can't be read in one moment: the one is read between two readings of the other. */
  #read(): Reading {
    let best = this.#readOnce();
    for (let reading = 1; reading < READINGS && best.high - best.low > MAX_READING_MS + 1; reading += 1) {
      const next = this.#readOnce();
      if (next.high - next.low < best.high - best.low) best = next;
    }
    return best;
  }

  #readOnce(): Reading {
    const before = this.#machine.monotonic();
    const wall = this.#machine.now();
    const after = this.#machine.monotonic();
    // The wall clock is cut to whole milliseconds.
    return { wall, monotonic: after, low: wall - after, high: wall + 1 - before };
  }
}

function describeStep({ byMs }: ClockStep): string {
  return `by ${byMs > 0 ? '+' : ''}${byMs} ms`;
}
