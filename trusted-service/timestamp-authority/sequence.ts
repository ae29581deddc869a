/** The authority's one order. JSON tokens and RFC 3161 replies take their places here, and nowhere else. */
import { type ClockKind, type Instant, Serial } from '../../shared/wire/vocabulary.ts';
import type { ClockReading } from '../clock/simulated-clock.ts';

/** A clock that says which of its epochs it is in. */
export interface EpochClock {
  readonly kind: ClockKind;
  read(): ClockReading;
}

/** What an order is made of. Whoever shares both shares the order. */
export interface Sequence {
  readonly clock: EpochClock;
  readonly serials: { take(count: number): number };
}

/** Places in the order: the first of them, and the time and epoch of all. */
export interface Places {
  readonly serial: Serial;
  readonly time: Instant;
  readonly epoch: number;
}

/**
 * Takes the next `count` places. Serial and time are taken together, without a pause: the order of serials is the order
 * of times in an epoch. Throws 'state-unwritable' if no serials can be reserved, and 'clock-stepped'.
 */
export function takePlaces({ clock, serials }: Sequence, count: number): Places {
  const reading = clock.read();
  return { serial: Serial.parse(serials.take(count)), ...reading };
}
