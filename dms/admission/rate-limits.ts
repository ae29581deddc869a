/** How much one connection and one participant may ask for, judged before any cryptography. The honest never get there. */
import { ProtocolError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Subject } from '../../shared/wire/vocabulary.ts';
import { type Rate, TokenBucket } from './token-bucket.ts';

export interface Rates {
  /** Commands of one participant, over all connections: more than a hundred times what a quick bot decides. */
  readonly commands: Rate;
  /** Questions of one participant; an answer can be the whole catalogue. */
  readonly questions: Rate;
  /**
   * Commands that turn out to be forged or unreadable. An honest client sends none, and each costs us cryptography: who
   * has used these up is refused without any, until some come back.
   */
  readonly mistakes: Rate;
  /** Packets of one connection, of whatever kind. Beyond it the connection ends. */
  readonly packets: Rate;
}

export const DEFAULT_RATES: Rates = {
  commands: { perSecond: 400, burst: 800 },
  questions: { perSecond: 50, burst: 100 },
  mistakes: { perSecond: 2, burst: 20 },
  packets: { perSecond: 1_000, burst: 2_000 },
};

/** Buckets of participants who are not here are kept until they are full again, and looked through when there are so many. */
const SWEEP_AT = 10_000;

type SubjectBuckets = Readonly<Record<'commands' | 'questions' | 'mistakes', TokenBucket>>;

/** The limits of one participant are shared by all connections, so that more connections do not get more. */
export class RateLimits {
  readonly #rates: Rates;
  readonly #clock: Clock;
  readonly #subjects = new Map<Subject, SubjectBuckets>();
  #sweepAt = SWEEP_AT;

  constructor(clock: Clock, rates: Rates = DEFAULT_RATES) {
    this.#clock = clock;
    this.#rates = rates;
  }

  /** A bucket for the packets of one new connection. */
  forConnection(): TokenBucket {
    return new TokenBucket(this.#rates.packets, this.#clock);
  }

  /** Throws 'too-many-requests'. */
  takeCommand(subject: Subject): void {
    const { commands, mistakes } = this.#bucketsOf(subject);
    if (!mistakes.hasOne || !commands.take()) throw new ProtocolError('too-many-requests');
  }

  /** Throws 'too-many-requests'. */
  takeQuestion(subject: Subject): void {
    if (!this.#bucketsOf(subject).questions.take()) throw new ProtocolError('too-many-requests');
  }

  /** Counts a command that no honest client sends. */
  countMistake(subject: Subject): void {
    this.#bucketsOf(subject).mistakes.take();
  }

  #bucketsOf(subject: Subject): SubjectBuckets {
    const known = this.#subjects.get(subject);
    if (known !== undefined) return known;
    if (this.#subjects.size >= this.#sweepAt) this.#sweep();
    const { commands, questions, mistakes } = this.#rates;
    const buckets = {
      commands: new TokenBucket(commands, this.#clock),
      questions: new TokenBucket(questions, this.#clock),
      mistakes: new TokenBucket(mistakes, this.#clock),
    };
    this.#subjects.set(subject, buckets);
    return buckets;
  }

  /** Forgets full buckets. What is left was used lately; looking again is due when there are twice as many. */
  #sweep(): void {
    for (const [subject, buckets] of this.#subjects) {
      if (Object.values(buckets).every((bucket) => bucket.isFull)) this.#subjects.delete(subject);
    }
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#subjects.size);
  }
}
