/** So many at once, and so many a second after that. */
import type { Clock } from '../../shared/time/clock.ts';

export interface Rate {
  readonly perSecond: number;
  /** How many may come at once after a pause. */
  readonly burst: number;
}

/** Starts full. */
export class TokenBucket {
  readonly #rate: Rate;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #level: number;
  #filledAt: number;

  constructor(rate: Rate, clock: Pick<Clock, 'monotonic'>) {
    this.#rate = rate;
    this.#clock = clock;
    this.#level = rate.burst;
    this.#filledAt = clock.monotonic();
  }

  /** Takes one, if there is one. */
  take(): boolean {
    if (!this.hasOne) return false;
    this.#level -= 1;
    return true;
  }

  get hasOne(): boolean {
    return this.has(1);
  }

  has(count: number): boolean {
    this.#fill();
    return this.#level >= count;
  }

  /** Nothing was taken for so long that a new bucket would be the same. */
  get isFull(): boolean {
    this.#fill();
    return this.#level >= this.#rate.burst;
  }

  #fill(): void {
    const now = this.#clock.monotonic();
    const { perSecond, burst } = this.#rate;
    this.#level = Math.min(burst, this.#level + ((now - this.#filledAt) / 1_000) * perSecond);
    this.#filledAt = now;
  }
}
