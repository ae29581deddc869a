/** The authority's one clock: the machine's, or the machine's and an offset that the operator sets. */
import { ProtocolError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { ClockAnswer } from '../../shared/wire/http-endpoints.ts';
import { type ClockKind, Instant } from '../../shared/wire/vocabulary.ts';
import type { AuditTrail } from '../audit/audit-journal.ts';
import type { Numbers } from '../store/numbers.ts';

/** The end of what an `Instant` can say: a clock that was set to it stands still there. */
export const LAST_INSTANT = 253_402_300_799_999;

/** One look at the clock: within one epoch time never goes back. */
export interface ClockReading {
  readonly time: Instant;
  readonly epoch: number;
}

/**
 * Runs on from wherever it is set. Every start, setting and resetting begins another epoch, kept on disk before it is
 * used, so that no epoch occurs twice. A clock of kind 'real' can't be set.
 */
export class SimulatedClock implements Clock {
  readonly kind: ClockKind;
  readonly #machine: Clock;
  readonly #numbers: Numbers;
  readonly #audit: AuditTrail;
  #offsetMs: number;
  #epoch: number;
  #latest = 0;

  private constructor(kind: ClockKind, machine: Clock, numbers: Numbers, audit: AuditTrail) {
    this.kind = kind;
    this.#machine = machine;
    this.#numbers = numbers;
    this.#audit = audit;
    const offsetMs = numbers.clockOffsetMs();
    this.#offsetMs = kind === 'simulated' ? offsetMs : 0;
    this.#epoch = this.#beginEpoch('start', Instant.parse(this.#shown()), offsetMs);
  }

  /** Goes on with the offset that was kept last, in a new epoch. A real clock leaves that offset for later. */
  static load(kind: ClockKind, machine: Clock, numbers: Numbers, audit: AuditTrail): SimulatedClock {
    return new SimulatedClock(kind, machine, numbers, audit);
  }

  now(): number {
    return this.read().time;
  }

  monotonic(): number {
    return this.#machine.monotonic();
  }

  read(): ClockReading {
    // The machine's clock may be set back; ours waits until it has caught up.
    this.#latest = Math.max(this.#latest, this.#shown());
    return { time: Instant.parse(this.#latest), epoch: this.#epoch };
  }

  /** Lets time run on from `time`, and answers with exactly that. Throws 'clock-not-simulated'. */
  set(time: Instant): ClockAnswer {
    return this.#move('set', time, time - this.#machine.now());
  }

  /** Goes back to the machine's time. Throws 'clock-not-simulated'. */
  reset(): ClockAnswer {
    return this.#move('reset', Instant.parse(this.#machine.now()), 0);
  }

  /** How the clock stands. */
  state(): ClockAnswer {
    return { clock: this.kind, ...this.read(), offsetMs: this.#offsetMs };
  }

  #shown(): number {
    return Math.max(0, Math.min(this.#machine.now() + this.#offsetMs, LAST_INSTANT));
  }

  #move(cause: 'set' | 'reset', time: Instant, offsetMs: number): ClockAnswer {
    this.demandSimulated();
    this.#epoch = this.#beginEpoch(cause, time, offsetMs);
    this.#offsetMs = offsetMs;
    this.#latest = time;
    return { clock: this.kind, epoch: this.#epoch, time, offsetMs };
  }

  /** Keeps the offset, which a real clock has but does not use, with the word of it in the audit journal. */
  #beginEpoch(cause: 'start' | 'set' | 'reset', time: Instant, offsetMs: number): number {
    const by = cause === 'start' ? 'service' : 'operator';
    return this.#audit.within((record) => {
      const epoch = this.#numbers.beginEpoch(offsetMs);
      const used = this.kind === 'simulated' ? offsetMs : 0;
      record({ type: 'clock-changed', by, cause, clock: this.kind, epoch, time, offsetMs: used });
      return epoch;
    });
  }

  /** Throws 'clock-not-simulated' on a real clock. */
  demandSimulated(): void {
    if (this.kind !== 'simulated') throw new ProtocolError('clock-not-simulated');
  }
}
