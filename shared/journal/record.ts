/**
 * One record of the journal: a public part that anybody may read, and a commitment to a private part that only the house
 * holds. The leaf that a public tree is built over is `publicPart ‖ commitment`.
 */
import { z } from 'zod';
import { concatBytes, equalBytes, utf8 } from '../bytes.ts';
import { canonicalJson } from '../canonical-json.ts';
import { sha256 } from '../crypto/digest.ts';
import { ProtocolError } from '../errors.ts';
import { invariant } from '../invariant.ts';
import { hashLeaf } from '../merkle/tree.ts';
import { LotTerms } from '../wire/commands.ts';
import { DiscloseAnswer, TimeNonce } from '../wire/http-endpoints.ts';
import { TimestampToken } from '../wire/timestamp-token.ts';
import { Amount, CertificatePem, CompactJws, Digest, Instant, LotId, Pseudonym, Subject } from '../wire/vocabulary.ts';

/** A salt as long as the digest: a commitment to a guessable private part tells nothing. */
export const SALT_BYTES = 32;

const common = { v: z.literal(1), lot: LotId };
/** What ties a record to its private statement: the statement's digest, and the token over it. */
const stamped = { pseudonym: Pseudonym, imprint: Digest, timestamp: TimestampToken };

/** What everybody may know, and all that is needed to find every lot's winner and price again. Names nobody. */
export const PublicRecord = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('listed'), terms: LotTerms, ...stamped }),
  z.strictObject({
    ...common,
    kind: z.literal('bid'),
    amount: Amount,
    ...stamped,
    /** The lot's effective closing after this bid. */
    closesAt: Instant,
    /** True for a bid that is announced only together with the closing. */
    withheld: z.boolean(),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('closed'),
    outcome: z.enum(['sold', 'unsold']),
    hammerPrice: Amount.exactOptional(),
    pseudonym: Pseudonym.exactOptional(),
    /** The signed time that showed the closing to be due, and the nonce it was asked with. */
    nonce: TimeNonce,
    timestamp: TimestampToken,
  }),
  z.strictObject({ ...common, kind: z.literal('disclosed') }),
  z.strictObject({ ...common, kind: z.literal('acknowledged'), role: z.enum(['seller', 'winner']) }),
]);
export type PublicRecord = z.infer<typeof PublicRecord>;

/** What the house alone holds: the evidence of a command, or the two sealed envelopes of a sale. */
export const PrivateRecord = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('signed'),
    statement: CompactJws,
    certificate: CertificatePem,
    subject: Subject,
  }),
  z.strictObject({ kind: z.literal('envelopes'), ...DiscloseAnswer.shape }),
  z.strictObject({ kind: z.literal('none') }),
]);
export type PrivateRecord = z.infer<typeof PrivateRecord>;

/** A record in the bytes that are kept. */
export interface JournalRecord {
  /** The public part as RFC 8785 JSON. */
  readonly publicPart: Uint8Array;
  /** SHA-256 over `salt ‖ privatePart`. */
  readonly commitment: Uint8Array;
  /** 32 random bytes, as private as the private part. */
  readonly salt: Uint8Array;
  /** The private part as RFC 8785 JSON. */
  readonly privatePart: Uint8Array;
}

/** Both parts as bytes, and the commitment between them. `salt` is 32 fresh random bytes. */
export function encodeRecord(
  publicRecord: PublicRecord,
  privateRecord: PrivateRecord,
  salt: Uint8Array,
): JournalRecord {
  invariant(salt.byteLength === SALT_BYTES, `a salt has ${SALT_BYTES} bytes`);
  const privatePart = canonicalJson(privateRecord);
  return { publicPart: canonicalJson(publicRecord), commitment: commit(salt, privatePart), salt, privatePart };
}

/** The hash of the leaf that stands for a record in the tree over the journal (RFC 9162, section 2.1.1). */
export function leafHashOf({ publicPart, commitment }: Pick<JournalRecord, 'publicPart' | 'commitment'>): Uint8Array {
  return hashLeaf(concatBytes(publicPart, commitment));
}

/** The inverse of `encodeRecord`. Throws `record-damaged` where the bytes are not a record or do not fit the commitment. */
export function decodeRecord(record: JournalRecord): { public: PublicRecord; private: PrivateRecord } {
  // Another split of the same bytes would have the same hash.
  if (record.salt.byteLength !== SALT_BYTES) throw new ProtocolError('record-damaged', 'the salt has another length');
  if (!equalBytes(commit(record.salt, record.privatePart), record.commitment))
    throw new ProtocolError('record-damaged', 'the private part does not fit its commitment');
  return {
    public: parsePart(record.publicPart, PublicRecord, 'the public part'),
    private: parsePart(record.privatePart, PrivateRecord, 'the private part'),
  };
}

function commit(salt: Uint8Array, privatePart: Uint8Array): Uint8Array {
  return sha256(concatBytes(salt, privatePart));
}

function parsePart<T>(bytes: Uint8Array, schema: z.ZodType<T>, part: string): T {
  const { record, again } = parseForm(bytes, schema, part);
  // Written once more it has the same bytes, so that nobody can read something else in them.
  if (equalBytes(again, bytes)) return record;
  throw new ProtocolError('record-damaged', `${part} is not in the form of RFC 8785`);
}

function parseForm<T>(bytes: Uint8Array, schema: z.ZodType<T>, part: string): { record: T; again: Uint8Array } {
  try {
    const record = schema.parse(JSON.parse(utf8.decode(bytes)));
    return { record, again: canonicalJson(record) };
  } catch (error) {
    // Not UTF-8, not JSON, not of the schema, or half a character: all say that these are not the bytes that were written.
    throw new ProtocolError('record-damaged', `${part} is no record of version 1`, { cause: error });
  }
}
