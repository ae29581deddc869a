/** The form of a bundle: JSON lines, each of its kind, so that a journal of any length is written and read as a stream. */
import { z } from 'zod';
import { MAX_LOG_ENTRIES } from '../../shared/wire/limits.ts';
import { LogEntry, SignedCheckpoint, WitnessedCheckpoint } from '../../shared/wire/log.ts';
import { Bytes32, CertificatePem } from '../../shared/wire/vocabulary.ts';
import { SignerChain } from './signer-archive.ts';

/** Longer than any line: a record with every character escaped is below it. */
export const MAX_LINE_BYTES = 262_144;
/** Certificates of signers, a month each: more than a century of them. */
export const MAX_SIGNERS = 4_096;

const Path = z.array(Bytes32).max(104);

/** The first line. What it holds is verified against the root that the reader knows. */
export const BundleHead = z.strictObject({
  gavel: z.literal('bundle'),
  v: z.literal(1),
  root: CertificatePem,
  checkpoint: SignedCheckpoint,
  witnessed: WitnessedCheckpoint.exactOptional(),
});
export type BundleHead = z.infer<typeof BundleHead>;

/** Then one for each certificate of a timestamp signer. */
export const SignerLine = z.strictObject({ signer: SignerChain });
/** Then, again and again, the hashes of the leaves that follow, and the records. */
export const LeavesLine = z.strictObject({ leaves: z.array(Bytes32).min(1).max(MAX_LOG_ENTRIES) });
export const EntryLine = LogEntry;
/** The last one. The paths are there where the records end before the checkpoint, or the witnessed one. */
export const EndLine = z.strictObject({
  end: z.strictObject({ checkpoint: Path.exactOptional(), witnessed: Path.exactOptional() }),
});
