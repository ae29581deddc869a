/** The form of a timestamp token: one signed batch, and this imprint's place in its tree. */
import { z } from 'zod';
import { Bytes32, ClockKind, CompactJws, Digest, Instant, Serial } from './vocabulary.ts';

/** The largest batch: a tree of 16 levels keeps a token's path below 800 bytes. */
export const MAX_BATCH_SIZE = 65_536;

/** What the authority signs, `typ: timestamp-batch+jwt`. */
export const TimestampBatchClaims = z.strictObject({
  /** The authority: `sha256:` and the root certificate's fingerprint in hexadecimal. */
  iss: z.string(),
  clock: ClockKind,
  /** Grows whenever the clock was set, reset or started anew; within one, time never goes back. */
  epoch: z.int().min(0),
  time: Instant,
  /** The number of the batch's first imprint. */
  serial: Serial,
  size: z.int().min(1).max(MAX_BATCH_SIZE),
  root: Digest,
});
export type TimestampBatchClaims = z.infer<typeof TimestampBatchClaims>;

/** Shows that an imprint existed no later than `time`, with number `serial + index` in the authority's order. */
export const TimestampToken = z.strictObject({
  batch: CompactJws,
  index: z
    .int()
    .min(0)
    .max(MAX_BATCH_SIZE - 1),
  path: z.array(Bytes32).max(16),
});
export type TimestampToken = z.infer<typeof TimestampToken>;
