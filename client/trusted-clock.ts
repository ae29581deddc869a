/** The time that counts: signed by the Trusted Service, carried on by this machine's monotonic clock. Its wall clock plays no part. */
import { invariant } from '../shared/invariant.ts';
import type { Clock } from '../shared/time/clock.ts';
import type { Stamp } from '../shared/timestamp/timestamp-token.ts';
import type { Instant } from '../shared/wire/vocabulary.ts';

/** A reading of the trusted clock. */
export interface TrustedTime {
  readonly at: Instant;
  readonly simulated: boolean;
  /** Grows whenever the clock was set: within one, time never goes back. */
  readonly epoch: number;
}

/** What a new signed time changed. */
export interface ClockStep {
  readonly time: TrustedTime;
  /** How far the new time is from the one that this clock showed; 0 for the first. */
  readonly byMs: number;
}

/** A step that is no noise of the network: somebody set the clock, or this machine slept. */
const NOTABLE_STEP_MS = 1_000;

interface Anchor {
  readonly stamp: Stamp;
  readonly monotonic: number;
}

/** Knows nothing until the first `adopt`. */
export class TrustedClock implements Clock {
  readonly #machine: Clock;
  #anchor: Anchor | undefined;

  constructor(machine: Clock) {
    this.#machine = machine;
  }

  /** Whether a signed time is known. */
  get isKnown(): boolean {
    return this.#anchor !== undefined;
  }

  /** The trusted time in milliseconds. */
  now(): Instant {
    const anchor = this.#anchor;
    invariant(anchor !== undefined, 'the trusted time is asked for only after it was fetched');
    return Math.round(anchor.stamp.at + this.#machine.monotonic() - anchor.monotonic) as Instant;
  }

  monotonic(): number {
    return this.#machine.monotonic();
  }

  read(): TrustedTime {
    const stamp = this.#anchor?.stamp;
    return { at: this.now(), simulated: stamp?.clock === 'simulated', epoch: stamp?.epoch ?? 0 };
  }

  /**
   * Takes over a verified stamp that was made at the monotonic moment `madeAt`. One of an epoch that is over says
   * nothing any more. Returns what changed where that is worth telling.
   */
  adopt(stamp: Stamp, madeAt: number): ClockStep | undefined {
    const before = this.#anchor;
    if (before !== undefined && stamp.epoch < before.stamp.epoch) return undefined;
    const expected = before === undefined ? undefined : this.now();
    this.#anchor = { stamp, monotonic: madeAt };
    const time = this.read();
    const byMs = expected === undefined ? 0 : time.at - expected;
    const notable = before?.stamp.epoch !== stamp.epoch || Math.abs(byMs) >= NOTABLE_STEP_MS;
    return notable ? { time, byMs } : undefined;
  }
}
