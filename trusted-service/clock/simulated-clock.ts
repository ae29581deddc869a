/** The authority's one clock: the machine's, or the machine's and an offset that the operator sets. */
import { ProtocolError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { ClockAnswer } from '../../shared/wire/http-endpoints.ts';
import { type ClockKind, Instant } from '../../shared/wire/vocabulary.ts';
import type { AuditTrail } from '../audit/audit-journal.ts';
import type { Numbers } from '../store/numbers.ts';
import { TimeMonitor } from './time-monitor.ts';

/** How far the time that the operator reads off another clock may be from the machine's: a request has to be typed and sent. */
export const CONFIRMATION_TOLERANCE_MS = 10_000;
/** The end of what an `Instant` can say: a clock that was set to it stands still there. */
export const LAST_INSTANT = 253_402_300_799_999;

/** One look at the clock: within one epoch time never goes back. */
export interface ClockReading {
  readonly time: Instant;
  readonly epoch: number;
}

/**
 * Runs on from wherever it is set. Every start, setting and resetting begins another epoch, kept on disk before it is
 * used, so that no epoch occurs twice. A clock of kind 'real' can't be set. While the machine's own clock can't be
 * believed, there is no time at all.
 */
export class SimulatedClock implements Clock {
  readonly kind: ClockKind;
  readonly #machine: Clock;
  readonly #numbers: Numbers;
  readonly #audit: AuditTrail;
  readonly #monitor: TimeMonitor;
  #offsetMs: number;
  #epoch: number;
  #latest = 0;

  private constructor(kind: ClockKind, machine: Clock, numbers: Numbers, audit: AuditTrail, monitor: TimeMonitor) {
    this.kind = kind;
    this.#machine = machine;
    this.#numbers = numbers;
    this.#audit = audit;
    this.#monitor = monitor;
    const offsetMs = numbers.clockOffsetMs();
    this.#offsetMs = kind === 'simulated' ? offsetMs : 0;
    // From here on the clock is compared: what it is set by is seen by the first who asks.
    monitor.look();
    this.#epoch = this.#beginEpoch('start', Instant.parse(this.#shown(machine.now())), offsetMs);
  }

  /** Goes on with the offset that was kept last, in a new epoch. A real clock leaves that offset for later. */
  static load(
    kind: ClockKind,
    machine: Clock,
    numbers: Numbers,
    audit: AuditTrail,
    monitor: TimeMonitor = new TimeMonitor(machine),
  ): SimulatedClock {
    return new SimulatedClock(kind, machine, numbers, audit, monitor);
  }

  /** Throws 'clock-stepped'. */
  now(): number {
    return this.read().time;
  }

  monotonic(): number {
    return this.#machine.monotonic();
  }

  /** Throws 'clock-stepped': no time of a clock that was set is ever shown. */
  read(): ClockReading {
    // A slew may lead back by less than a step; ours waits until the machine's clock has caught up.
    this.#latest = Math.max(this.#latest, this.#shown(this.#monitor.demandTime()));
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

  /**
   * The operator has read `time`, of the present, off another clock: where the machine's clock agrees, it is right, and
   * what it showed before belongs to another epoch. Throws 'time-not-confirmed' where it does not agree.
   */
  confirm(time: Instant): ClockAnswer {
    const wall = this.#machine.now();
    if (Math.abs(wall - time) > CONFIRMATION_TOLERANCE_MS) {
      throw new ProtocolError('time-not-confirmed', `the machine's clock shows ${wall}`);
    }
    if (this.#monitor.look() === undefined) return this.state();
    const shown = Instant.parse(this.#shown(wall));
    this.#enter(this.#beginEpoch('confirmed', shown, this.#numbers.clockOffsetMs()), shown);
    return this.state();
  }

  /** How the clock stands, as it would be shown. Nothing is signed by this. */
  state(): ClockAnswer {
    const time = Instant.parse(Math.max(this.#latest, this.#shown(this.#machine.now())));
    return { clock: this.kind, time, epoch: this.#epoch, offsetMs: this.#offsetMs };
  }

  /** Keeps how far time has come: no later start believes a clock that is behind it. Throws 'clock-stepped' | 'state-unwritable'. */
  keepTime(): void {
    this.#numbers.reachTime(this.#monitor.demandTime());
  }

  #shown(wall: number): number {
    return Math.max(0, Math.min(wall + this.#offsetMs, LAST_INSTANT));
  }

  #move(cause: 'set' | 'reset', time: Instant, offsetMs: number): ClockAnswer {
    this.demandSimulated();
    // Who sets this clock says what time it is: that the machine's was set does not matter any more.
    this.#enter(this.#beginEpoch(cause, time, offsetMs), time);
    this.#offsetMs = offsetMs;
    return { clock: this.kind, epoch: this.#epoch, time, offsetMs };
  }

  #enter(epoch: number, time: Instant): void {
    this.#epoch = epoch;
    this.#latest = time;
    this.#monitor.confirm();
  }

  /** Keeps the offset, which a real clock has but does not use, with the word of it in the audit journal. */
  #beginEpoch(cause: 'start' | 'set' | 'reset' | 'confirmed', time: Instant, offsetMs: number): number {
    const by = cause === 'start' ? 'service' : 'operator';
    return this.#audit.within((record) => {
      const epoch = this.#numbers.beginEpoch(offsetMs);
      const wall = this.#machine.now();
      // A start under a clock that was set back must not make the next start believe it.
      this.#numbers.reachTime(cause === 'start' ? Math.max(wall, this.#numbers.timeReached()) : wall);
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
