/** A clock that stands still until the test moves it. */
import type { Clock } from '../../shared/time/clock.ts';

export class ManualClock implements Clock {
  wall: number;
  mono: number;

  constructor(wall = 1_763_690_000_000, mono = 1_000_000) {
    this.wall = wall;
    this.mono = mono;
  }

  now(): number {
    return this.wall;
  }

  monotonic(): number {
    return this.mono;
  }

  /** Both clocks go on. */
  advance(ms: number): void {
    this.wall += ms;
    this.mono += ms;
  }
}
