/** How many commands were sent within the last minute: any minute, so that none can hold more than the limit. */
import type { Clock } from '../../shared/time/clock.ts';

const MINUTE_MS = 60_000;

/**
 * Measured by the monotonic clock. A bucket that refills would let twice as many through in the minute after a pause;
 * here the moments themselves are kept.
 */
export class Pace {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #moments: number[] = [];

  /** `agesMs`: how long ago commands of an earlier run were sent, the oldest first. */
  constructor(clock: Pick<Clock, 'monotonic'>, agesMs: readonly number[] = []) {
    this.#clock = clock;
    const now = clock.monotonic();
    this.#moments = agesMs.map((age) => now - age);
  }

  count(): void {
    this.#moments.push(this.#clock.monotonic());
  }

  get thisMinute(): number {
    const from = this.#clock.monotonic() - MINUTE_MS;
    this.#moments = this.#moments.filter((moment) => moment > from);
    return this.#moments.length;
  }
}
