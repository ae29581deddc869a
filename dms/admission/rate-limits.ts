/**
 * How much one connection and one participant may ask for, judged before any cryptography. The honest never get there. Who
 * has no share left is not read from; only what was read already is refused.
 */
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
   * Commands that turn out to be forged or unreadable, and events that there are not. An honest client sends none, and each
   * costs us cryptography: who has used these up is barred until all have come back.
   */
  readonly mistakes: Rate;
  /** Sessions that one participant opens. Each costs us as much as several commands. */
  readonly entries: Rate;
  /** Packets of one participant, of whatever kind, over all connections. */
  readonly packets: Rate;
  /** Packets of one connection, whosever it is. Beyond it the connection ends. */
  readonly connectionPackets: Rate;
}

export const DEFAULT_RATES: Rates = {
  commands: { perSecond: 400, burst: 800 },
  questions: { perSecond: 50, burst: 100 },
  mistakes: { perSecond: 2, burst: 20 },
  entries: { perSecond: 1, burst: 24 },
  packets: { perSecond: 500, burst: 1_000 },
  connectionPackets: { perSecond: 1_000, burst: 2_000 },
};

/** What one read from a connection can bring: so much is left when no more is read, so that none of it is refused. */
const COMMANDS_OF_A_READ = 16;

/** Buckets of participants who are not here are kept until they are full again, and looked through when there are so many. */
const SWEEP_AT = 10_000;

const OF_SUBJECTS = ['commands', 'questions', 'mistakes', 'entries', 'packets'] as const;
type SubjectBuckets = Readonly<Record<(typeof OF_SUBJECTS)[number], TokenBucket>>;

/** The limits of one participant are shared by all connections, so that more connections do not get more. */
export class RateLimits {
  readonly #rates: Rates;
  readonly #clock: Clock;
  readonly #onBarred: (subject: Subject) => void;
  readonly #subjects = new Map<Subject, SubjectBuckets>();
  readonly #barred = new Set<Subject>();
  #sweepAt = SWEEP_AT;

  /** `onBarred` is called when a participant has made too many mistakes. */
  constructor(clock: Clock, rates: Rates = DEFAULT_RATES, onBarred: (subject: Subject) => void = () => {}) {
    this.#clock = clock;
    this.#rates = rates;
    this.#onBarred = onBarred;
  }

  /** A bucket for the packets of one new connection. */
  forConnection(): TokenBucket {
    return new TokenBucket(this.#rates.connectionPackets, this.#clock);
  }

  /** Throws 'too-many-requests'. */
  takeCommand(subject: Subject): void {
    if (this.isBarred(subject) || !this.#bucketsOf(subject).commands.take())
      throw new ProtocolError('too-many-requests');
  }

  /** Throws 'too-many-requests'. */
  takeQuestion(subject: Subject): void {
    if (!this.#bucketsOf(subject).questions.take()) throw new ProtocolError('too-many-requests');
  }

  /** Counts a packet of an admitted session. */
  countPacket(subject: Subject): void {
    this.#bucketsOf(subject).packets.take();
  }

  /** Whether there is a share left for what a participant sends next. */
  mayRead(subject: Subject): boolean {
    const { commands, questions, packets } = this.#bucketsOf(subject);
    const toRead = Math.min(COMMANDS_OF_A_READ, this.#rates.commands.burst / 2);
    return commands.has(toRead) && questions.hasOne && packets.hasOne;
  }

  /**
   * Throws 'too-many-requests' for who has to stay out for a while. Asked of the subject that papers claim, before they are
   * verified: all that a liar reaches is that he is refused himself.
   */
  demandWelcome(subject: Subject): void {
    if (this.isBarred(subject)) throw new ProtocolError('too-many-requests', 'mistakes');
    if (!this.#bucketsOf(subject).entries.hasOne)
      throw new ProtocolError('too-many-requests', 'sessions in a short time');
  }

  /** Counts a session that was admitted: before that nobody knows whether it is the participant's own. */
  countEntry(subject: Subject): void {
    this.#bucketsOf(subject).entries.take();
  }

  /** Counts what no honest client sends. */
  countMistake(subject: Subject): void {
    const { mistakes } = this.#bucketsOf(subject);
    mistakes.take();
    if (mistakes.hasOne || this.#barred.has(subject)) return;
    this.#barred.add(subject);
    this.#onBarred(subject);
  }

  /** Whether a participant has made so many mistakes that nothing of his is looked at, until all have come back. */
  isBarred(subject: Subject): boolean {
    if (!this.#barred.has(subject)) return false;
    if (this.#bucketsOf(subject).mistakes.isFull) this.#barred.delete(subject);
    return this.#barred.has(subject);
  }

  #bucketsOf(subject: Subject): SubjectBuckets {
    const known = this.#subjects.get(subject);
    if (known !== undefined) return known;
    if (this.#subjects.size >= this.#sweepAt) this.#sweep();
    const entries = OF_SUBJECTS.map((name) => [name, new TokenBucket(this.#rates[name], this.#clock)] as const);
    const buckets = Object.fromEntries(entries) as SubjectBuckets;
    this.#subjects.set(subject, buckets);
    return buckets;
  }

  /** Forgets full buckets. What is left was used lately; looking again is due when there are twice as many. */
  #sweep(): void {
    for (const [subject, buckets] of this.#subjects) {
      if (!Object.values(buckets).every((bucket) => bucket.isFull)) continue;
      this.#subjects.delete(subject);
      this.#barred.delete(subject);
    }
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#subjects.size);
  }
}
