/**
 * New connections wait here before anything is worked out for them, TLS included: that takes more time than several commands,
 * and those who are here already come first. Who comes from one address takes turns with all others.
 */
import type { Clock } from '../../shared/time/clock.ts';
import { TurnQueue } from '../admission/turn-queue.ts';

/** A connection that nobody has read from yet. */
export interface Arrival {
  /** Whether its other side has gone. */
  readonly isOver: boolean;
  begin(): void;
  end(): void;
}

export interface ArrivalsParts {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Which part of the time since the last call the event loop was busy. */
  readonly busyShare: () => number;
  /** Does `work` when so many milliseconds have passed. */
  readonly later: (work: () => void, ms: number) => void;
}

/**
 * How often it is looked how many may come in, and later where a turn of the event loop takes longer: those who come in one turn keep
 * everybody waiting together, so it is one at a time as a rule.
 */
export const ARRIVALS_BEAT_MS = 5;
/** How many may come in a second while there is time for them: about what one core can let in. More at once only keeps everybody waiting. */
export const ARRIVALS_PER_SECOND = 200;
/** How many while there is much else to do: a fifth of a core. */
export const BUSY_ARRIVALS_PER_SECOND = 50;
/** A longer standstill is not made up for: all who should have come in meanwhile would keep everybody waiting again. */
const LONGEST_BEAT_MS = 400;
/** From here on there is much to do. Those who come in make that much by themselves when they are some 80 a second, so the others have the rest. */
const BUSY_SHARE = 0.3;
/** Over how long that is looked at: one arrival alone fills a beat. */
export const BUSY_WINDOW_MS = 20;
/** Nobody waits for longer: his program has given up by then, or soon will. */
const PATIENCE_MS = 5_000;
/** Who may wait from one address, and in all. */
const MOST_OF_ONE = 64;
const MOST_IN_ALL = 4_096;

interface Waiting {
  readonly arrival: Arrival;
  readonly since: number;
}

export class Arrivals {
  readonly #parts: ArrivalsParts;
  readonly #queue = new TurnQueue<unknown, Waiting>();
  /** So many may come in before the next beat; what is left of one waits for the rest of it. */
  #left = (ARRIVALS_PER_SECOND * ARRIVALS_BEAT_MS) / 1_000;
  #perSecond = ARRIVALS_PER_SECOND;
  #beatSince = 0;
  #busySince = Number.NEGATIVE_INFINITY;
  #isBeating = false;
  #isClosed = false;

  constructor(parts: ArrivalsParts) {
    this.#parts = parts;
  }

  /** Begins it when it is its turn; ends it where too many wait already. `caller` is whoever takes turns. */
  arrive(caller: unknown, arrival: Arrival): void {
    const isFull = this.#queue.size >= MOST_IN_ALL || this.#queue.sizeOf(caller) >= MOST_OF_ONE;
    if (isFull || this.#isClosed) {
      arrival.end();
      return;
    }
    this.#queue.add(caller, { arrival, since: this.#parts.clock.monotonic() });
    this.#letIn();
  }

  /** Ends all who wait, and whoever comes. */
  close(): void {
    this.#isClosed = true;
    for (let next = this.#queue.next(); next !== undefined; next = this.#queue.next()) next.arrival.end();
  }

  #letIn(): void {
    while (this.#left >= 1) {
      const next = this.#queue.next();
      if (next === undefined) break;
      const { arrival, since } = next;
      if (arrival.isOver) continue;
      if (this.#parts.clock.monotonic() - since > PATIENCE_MS) {
        arrival.end();
        continue;
      }
      this.#left -= 1;
      arrival.begin();
    }
    this.#beatLater();
  }

  #beatLater(): void {
    if (this.#isBeating) return;
    this.#isBeating = true;
    this.#beatSince = this.#parts.clock.monotonic();
    this.#parts.later(() => this.#beat(), ARRIVALS_BEAT_MS);
  }

  #beat(): void {
    this.#isBeating = false;
    this.#lookHowBusy();
    // By the time that has passed: a house with thousands of listeners looks less often, and as many come and go.
    const passed = this.#parts.clock.monotonic() - this.#beatSince;
    const counted = this.#queue.size === 0 ? ARRIVALS_BEAT_MS : Math.min(passed, LONGEST_BEAT_MS);
    this.#left = (this.#left % 1) + (this.#perSecond * counted) / 1_000;
    if (this.#queue.size > 0) this.#letIn();
  }

  #lookHowBusy(): void {
    const now = this.#parts.clock.monotonic();
    if (now - this.#busySince < BUSY_WINDOW_MS) return;
    this.#busySince = now;
    this.#perSecond = this.#parts.busyShare() >= BUSY_SHARE ? BUSY_ARRIVALS_PER_SECOND : ARRIVALS_PER_SECOND;
  }
}
