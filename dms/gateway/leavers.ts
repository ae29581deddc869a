/**
 * Tells the operator who has gone. Hundreds may go at once, and a line of the log for each would be a third of what it takes to let
 * them go, in which nobody else is served: all who go in one turn of the event loop have one line.
 */
import type { Log } from '../log.ts';

interface Leaver {
  readonly session: string;
  /** In the words of Socket.IO. */
  readonly reason: string;
}

export class Leavers {
  readonly #log: Log;
  readonly #left: () => number;
  #gone: Leaver[] = [];

  /** `left` is how many sessions there are still. */
  constructor(log: Log, left: () => number) {
    this.#log = log;
    this.#left = left;
  }

  add(leaver: Leaver): void {
    if (this.#gone.length === 0) setImmediate(() => this.#tell());
    this.#gone.push(leaver);
  }

  #tell(): void {
    this.#log.info({ ended: this.#gone, sessions: this.#left() }, 'sessions ended');
    this.#gone = [];
  }
}
