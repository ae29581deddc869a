/** What comes over connections, counted before anything is made of it: strangers may say little, participants their share. */

import type { Subject } from '../../shared/wire/vocabulary.ts';
import type { RateLimits } from '../admission/rate-limits.ts';
import type { Reading, Source } from './reading.ts';

export interface PacketGuardParts {
  readonly limits: Pick<RateLimits, 'forConnection' | 'countPacket'>;
  readonly reading: Reading<Subject>;
  /** Does `work` in the next turn of the event loop. */
  readonly nextTurn: (work: () => void) => void;
}

/** A connection, as it is guarded. */
export interface Guarded extends Source {
  /** Whose it is, once that was proved. */
  readonly subject: Subject | undefined;
  /** Ends it at once. */
  destroy(): void;
}

/** The handshake takes three packets. */
const MOST_BEFORE_ADMISSION = 16;
/** Packets of one connection in one turn of the event loop. Whether there is a share left for more is known in the next. */
export const MOST_IN_A_TURN = 8;

export class PacketGuard {
  readonly #parts: PacketGuardParts;
  #turn = 0;
  #isTurning = false;

  constructor(parts: PacketGuardParts) {
    this.#parts = parts;
  }

  /** Returns what to call with each packet, of whatever kind, before anybody looks at it. */
  watch(connection: Guarded): () => void {
    const { limits, reading } = this.#parts;
    const limit = limits.forConnection();
    let strange = 0;
    let [turn, inTurn] = [-1, 0];
    return () => {
      const { subject } = connection;
      if (subject === undefined) strange += 1;
      if (!limit.take() || strange > MOST_BEFORE_ADMISSION) connection.destroy();
      if (subject === undefined) return;
      limits.countPacket(subject);
      inTurn = turn === this.#turnNow() ? inTurn + 1 : 1;
      turn = this.#turn;
      if (inTurn >= MOST_IN_A_TURN) reading.pause(subject, connection);
      else reading.look(subject, connection);
    };
  }

  /** The connection is gone. */
  forget(connection: Guarded): void {
    this.#parts.reading.forget(connection);
  }

  /** Counts the turns of the event loop in which something comes. */
  #turnNow(): number {
    if (!this.#isTurning) {
      this.#isTurning = true;
      this.#parts.nextTurn(() => {
        this.#isTurning = false;
        this.#turn += 1;
      });
    }
    return this.#turn;
  }
}
