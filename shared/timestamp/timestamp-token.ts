/** What a timestamp token says: `imprint` existed no later than `at`, with number `serial` in the authority's order. */
import { decodeBase64url } from '../bytes.ts';
import { parseJws } from '../crypto/jws.ts';
import { ProtocolError } from '../errors.ts';
import { invariant } from '../invariant.ts';
import { hashLeaf } from '../merkle/tree.ts';
import { TimestampBatchClaims, type TimestampToken } from '../wire/timestamp-token.ts';
import { type ClockKind, type Digest, type Instant, Serial } from '../wire/vocabulary.ts';

/** The meaning of one token. */
export interface Stamp {
  readonly at: Instant;
  readonly serial: Serial;
  readonly epoch: number;
  readonly clock: ClockKind;
}

/**
 * Reads a token without verifying it: for tokens that were verified before they were written down. Throws `malformed`
 * or `timestamp-invalid` for what could never have been verified.
 */
export function readStamp(token: TimestampToken): Stamp {
  return stampOf(parseJws(token.batch, 'timestamp-batch+jwt', TimestampBatchClaims).claims, token.index);
}

/** The stamp of the imprint at `index` of a batch. Throws `timestamp-invalid` when the batch has no such imprint. */
export function stampOf(batch: TimestampBatchClaims, index: number): Stamp {
  if (index >= batch.size) throw new ProtocolError('timestamp-invalid', 'the batch has no such imprint');
  const serial = Serial.safeParse(batch.serial + index);
  if (!serial.success) throw new ProtocolError('timestamp-invalid', 'the serial is out of range');
  return { at: batch.time, serial: serial.data, epoch: batch.epoch, clock: batch.clock };
}

/** The leaf of a batch's tree that stands for an imprint: over its 32 bytes (RFC 9162, section 2.1.1). */
export function imprintLeaf(imprint: Digest): Uint8Array {
  const bytes = decodeBase64url(imprint);
  invariant(bytes !== undefined, 'a digest is canonical base64url');
  return hashLeaf(bytes);
}
