/** Whether the statement was stamped, and stamped just before it arrived: a token can't be moved, hoarded or held back. */
import { ProtocolError } from '../../shared/errors.ts';
import type { Stamp } from '../../shared/timestamp/timestamp-token.ts';
import type { ClimbedToken } from '../../shared/timestamp/verify-timestamp.ts';
import { TIMESTAMP_MAX_AGE_MS, TIMESTAMP_MAX_LEAD_MS } from '../../shared/wire/limits.ts';
import type { TimestampToken } from '../../shared/wire/timestamp-token.ts';
import type { Digest, Instant } from '../../shared/wire/vocabulary.ts';
import type { FreshStamp, SignedCommand } from './stages.ts';

export interface StampTrust {
  readonly keyring: {
    verifyTimestamp(token: TimestampToken, imprint: Digest, at: number, climbed: ClimbedToken): Promise<Stamp>;
  };
  readonly time: {
    readonly epoch: number;
    now(): Instant;
    at(monotonic: number): Instant;
    reach(epoch: number): Promise<void>;
    observe(stamp: Stamp, seenAt: number): void;
  };
}

/**
 * Verifies the token of a command whose frame arrived at the monotonic moment `arrived`.
 * @throws ProtocolError 'timestamp-invalid' | 'timestamp-not-for-statement' | 'timestamp-wrong-clock' | 'timestamp-stale'
 * | 'timestamp-ahead' | 'trusted-time-unavailable'
 */
export async function verifyStamp(signed: SignedCommand, arrived: number, trust: StampTrust): Promise<FreshStamp> {
  const { keyring, time } = trust;
  const { envelope, imprint, climbed } = signed;
  // The authority stamped this statement, by the kind of clock that this house runs on.
  const stamp = await keyring.verifyTimestamp(envelope.timestamp, imprint, time.now(), climbed);
  // A newer epoch means that the clock was set and we have not heard of it yet: first learn what time it is.
  if (stamp.epoch > time.epoch) await time.reach(stamp.epoch);
  // An older epoch is over: its times mean nothing now.
  if (stamp.epoch < time.epoch) throw new ProtocolError('timestamp-stale', 'the clock was set since');
  // When the frame arrived, by what was known before it: this token itself must not count.
  const arrivedAt = time.at(arrived);
  time.observe(stamp, arrived);
  demandFresh(stamp.at, arrivedAt);
  return stamp as FreshStamp;
}

/** Both ends are allowed. */
function demandFresh(stampedAt: Instant, arrivedAt: Instant): void {
  if (stampedAt < arrivedAt - TIMESTAMP_MAX_AGE_MS) throw new ProtocolError('timestamp-stale');
  if (stampedAt > arrivedAt + TIMESTAMP_MAX_LEAD_MS) throw new ProtocolError('timestamp-ahead');
}
