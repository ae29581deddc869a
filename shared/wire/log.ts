/** The public log: its paths, which occur as strings in this file alone, what they answer, and the receipts of commands. */
import { z } from 'zod';
import { MAX_JWS_BYTES, MAX_LOG_ENTRIES } from './limits.ts';
import { Bytes32, CertificatePem, CompactJws, Digest, HouseId, Instant, Position } from './vocabulary.ts';

export const LOG_PATHS = {
  checkpoint: '/log/checkpoint',
  entries: '/log/entries',
  inclusion: '/log/inclusion',
  consistency: '/log/consistency',
} as const;

/** The claims of a `typ: checkpoint+jwt` by a DMS node: the first `size` records of this house's journal have this root. */
export const CheckpointClaims = z.strictObject({ house: HouseId, size: Position, root: Digest, time: Instant });
export type CheckpointClaims = z.infer<typeof CheckpointClaims>;

/** The claims of a `typ: cosignature+jwt`: the witness `iss` has never seen another journal of this house. */
export const CosignatureClaims = z.strictObject({ iss: z.string(), ...CheckpointClaims.shape });
export type CosignatureClaims = z.infer<typeof CosignatureClaims>;

/** A signer's certificate and its issuing CA's: whoever has the root needs nothing else. */
const Chain = z.array(CertificatePem).length(2);
/** Hashes of a Merkle path: a tree of 2^52 leaves has no longer ones. */
const MerklePath = z.array(Bytes32).max(104);

/** A checkpoint with what shows whose it is. */
export const SignedCheckpoint = z.strictObject({ checkpoint: CompactJws, chain: Chain });
export type SignedCheckpoint = z.infer<typeof SignedCheckpoint>;

/** The witness's word on a checkpoint. */
export const Cosignature = z.strictObject({ cosignature: CompactJws, chain: Chain });
export type Cosignature = z.infer<typeof Cosignature>;

/** A checkpoint that the witness has seen as well. */
export const WitnessedCheckpoint = z.strictObject({ ...SignedCheckpoint.shape, witness: Cosignature });
export type WitnessedCheckpoint = z.infer<typeof WitnessedCheckpoint>;

/** What everybody may know of a record: a leaf of the tree is over the bytes of `record`, then those of `commitment`. */
export const LogEntry = z.strictObject({
  /** The public part, RFC 8785 JSON. It holds one JWS of the authority at most, and terms that came in another. */
  record: z.string().max(3 * MAX_JWS_BYTES),
  commitment: Bytes32,
});
export type LogEntry = z.infer<typeof LogEntry>;

/** That a checkpoint continues the one of size `from`: a consistency proof (RFC 9162, section 2.1.4). */
const Continuation = z.strictObject({ from: Position, path: MerklePath });
export type Continuation = z.infer<typeof Continuation>;

/** Shows that a record is in the journal: the record itself, and its path to the root of a signed checkpoint. */
export const Receipt = z.strictObject({
  ...LogEntry.shape,
  checkpoint: CompactJws,
  path: MerklePath,
  /** There if the witness has cosigned this checkpoint already. */
  witness: Cosignature.exactOptional(),
  /** That the checkpoint continues that of the receipt before, in this session. */
  continues: Continuation.exactOptional(),
});
export type Receipt = z.infer<typeof Receipt>;

/** `GET /log/checkpoint`: the newest one, and the newest that the witness has cosigned. */
export const CheckpointAnswer = z.strictObject({
  ...SignedCheckpoint.shape,
  witnessed: WitnessedCheckpoint.exactOptional(),
});
export type CheckpointAnswer = z.infer<typeof CheckpointAnswer>;

/** `GET /log/entries`: the records from position `from` on. */
export const EntriesAnswer = z.strictObject({ from: Position, entries: z.array(LogEntry).max(MAX_LOG_ENTRIES) });
export type EntriesAnswer = z.infer<typeof EntriesAnswer>;

/** `GET /log/inclusion` and `GET /log/consistency`. */
export const PathAnswer = z.strictObject({ path: MerklePath });
export type PathAnswer = z.infer<typeof PathAnswer>;

/** `POST /api/witness`: a checkpoint, and that it continues the one of size `from` that the witness remembers. */
export const WitnessRequest = z.strictObject({ ...SignedCheckpoint.shape, from: Position, path: MerklePath });
export type WitnessRequest = z.infer<typeof WitnessRequest>;

/** `GET /api/witness?house=`: how much of this house's journal the witness has seen. */
export const WitnessedAnswer = z.strictObject({ size: Position });
export type WitnessedAnswer = z.infer<typeof WitnessedAnswer>;
