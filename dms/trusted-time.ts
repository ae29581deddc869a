/**
 * The time that counts: signed by the Trusted Service, carried on by this machine's monotonic clock. Every signed time
 * tells between which two bounds it lies; the bounds of one epoch are brought together, and a new epoch starts afresh.
 */
import { digestOfText } from '../shared/crypto/digest.ts';
import { ProtocolError } from '../shared/errors.ts';
import type { Clock } from '../shared/time/clock.ts';
import type { Stamp } from '../shared/timestamp/timestamp-token.ts';
import type { TimestampToken } from '../shared/wire/timestamp-token.ts';
import type { Digest, Instant } from '../shared/wire/vocabulary.ts';

export interface TrustedTimeParts {
  readonly service: { time(nonce: string): Promise<TimestampToken> };
  readonly keyring: { verifyTime(token: TimestampToken, imprint: Digest): Promise<Stamp> };
  readonly clock: Clock;
  /** 16 to 64 base64url characters, fresh at each call. */
  readonly newNonce: () => string;
}

/** A verified signed time, with what shows it. */
export interface SignedTime {
  readonly nonce: string;
  readonly timestamp: TimestampToken;
  readonly at: Instant;
}

/** A slower answer says too little about now. */
const MAX_ROUND_TRIP_MS = 2_000;
/** Without a new signed time for so long, quartz and temperature could have carried us off: then there is no trusted time. */
const MAX_ANCHOR_AGE_MS = 5 * 60_000;
/** How fast two clocks may drift apart; what is tolerated of a disciplined clock, twice. */
const DRIFT = 0.001;
/** A step that is no noise of the network: whoever waits for a moment should look again. */
const NOTABLE_STEP_MS = 250;

/** Trusted time minus monotonic time lies in [low, high], as known at the monotonic moment `since`. */
interface Anchor {
  readonly epoch: number;
  readonly low: number;
  readonly high: number;
  readonly since: number;
}

/** Knows nothing until the first `sync`. */
export class TrustedTime {
  readonly #parts: TrustedTimeParts;
  readonly #listeners = new Set<() => void>();
  #anchor: Anchor | undefined;
  #syncedAt = Number.NEGATIVE_INFINITY;
  #syncing: Promise<SignedTime> | undefined;

  constructor(parts: TrustedTimeParts) {
    this.#parts = parts;
  }

  /** Now. Throws 'trusted-time-unavailable' before the first signed time, and when the last one is too long ago. */
  now(): Instant {
    return this.at(this.#parts.clock.monotonic());
  }

  /** The trusted time at a moment of the monotonic clock, in the light of everything that was learned since. */
  at(monotonic: number): Instant {
    const anchor = this.#anchor;
    if (anchor === undefined) throw new ProtocolError('trusted-time-unavailable');
    if (monotonic - this.#syncedAt > MAX_ANCHOR_AGE_MS) {
      throw new ProtocolError('trusted-time-unavailable', 'the last signed time is too old');
    }
    // Cut, not rounded, as the authority cuts its own.
    return Math.max(0, Math.floor(monotonic + (anchor.low + anchor.high) / 2)) as Instant;
  }

  /** Whether `now` would answer. */
  get isKnown(): boolean {
    return this.#anchor !== undefined && this.#parts.clock.monotonic() - this.#syncedAt <= MAX_ANCHOR_AGE_MS;
  }

  /** The authority's epoch that the time is of; -1 before the first signed time. */
  get epoch(): number {
    return this.#anchor?.epoch ?? -1;
  }

  /** Calls `listener` whenever the time has changed otherwise than by passing. Returns the way to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks for the signed time and takes it over; callers at the same time share one question. Throws what that refuses. */
  sync(): Promise<SignedTime> {
    this.#syncing ??= this.ask().finally(() => {
      this.#syncing = undefined;
    });
    return this.#syncing;
  }

  /** Comes back when the time is of `epoch` at least. Throws 'trusted-time-unavailable' if the service does not say so. */
  async reach(epoch: number): Promise<void> {
    // A question that was under way may have been answered before the epoch began: one more settles it.
    for (let attempt = 0; this.epoch < epoch && attempt < 2; attempt += 1) await this.#trySync();
    if (this.epoch < epoch) throw new ProtocolError('trusted-time-unavailable', 'the clock was set just now');
  }

  /** A verified stamp that had reached us at the monotonic moment `seenAt`: the authority's time was not before it then. */
  observe(stamp: Stamp, seenAt: number): void {
    const anchor = this.#anchor;
    if (anchor === undefined || stamp.epoch !== anchor.epoch) return;
    const low = stamp.at - seenAt;
    if (low > anchor.low) this.#move({ ...anchor, low, high: Math.max(anchor.high, low) });
  }

  /** Asks for the signed time with a question of its own: it was signed after this call. Takes it over, too. */
  async ask(): Promise<SignedTime> {
    const { clock, service, keyring } = this.#parts;
    const nonce = this.#parts.newNonce();
    const asked = clock.monotonic();
    const timestamp = await service.time(nonce);
    const answered = clock.monotonic();
    const stamp = await keyring.verifyTime(timestamp, digestOfText(nonce));
    if (answered - asked > MAX_ROUND_TRIP_MS) {
      throw new ProtocolError('trusted-time-unavailable', 'the signed time was too long on its way');
    }
    this.#adopt(stamp, asked, answered);
    return { nonce, timestamp, at: stamp.at };
  }

  async #trySync(): Promise<void> {
    try {
      await this.sync();
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause;
      throw new ProtocolError('trusted-time-unavailable', cause.code, { cause });
    }
  }

  /** The stamp was made between the two moments; its time is cut to whole milliseconds. */
  #adopt(stamp: Stamp, asked: number, answered: number): void {
    const before = this.#anchor;
    // An answer that was overtaken by a newer epoch's says nothing any more.
    if (before !== undefined && stamp.epoch < before.epoch) return;
    const sample = { epoch: stamp.epoch, low: stamp.at - answered, high: stamp.at + 1 - asked, since: answered };
    this.#syncedAt = Math.max(this.#syncedAt, answered);
    this.#move(before?.epoch === stamp.epoch ? narrow(before, sample) : sample);
  }

  #move(anchor: Anchor): void {
    const before = this.#anchor;
    this.#anchor = anchor;
    const step = before === undefined ? 0 : (anchor.low + anchor.high - before.low - before.high) / 2;
    if (before?.epoch === anchor.epoch && Math.abs(step) < NOTABLE_STEP_MS) return;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** What both bounds allow, after the older ones were widened by the drift since. If they contradict, the newer one is right. */
function narrow(before: Anchor, sample: Anchor): Anchor {
  const drift = Math.max(0, sample.since - before.since) * DRIFT;
  const low = Math.max(before.low - drift, sample.low);
  const high = Math.min(before.high + drift, sample.high);
  return low <= high ? { ...sample, low, high } : sample;
}
