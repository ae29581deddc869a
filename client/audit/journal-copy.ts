/** A journal as somebody shows it, in a file or over the network: nothing in it is believed. */
import type { LogEntry, SignedCheckpoint, WitnessedCheckpoint } from '../../shared/wire/log.ts';
import type { SignerChain } from './signer-archive.ts';

/** What everything else is held against. */
export interface CopyHead {
  readonly checkpoint: SignedCheckpoint;
  readonly witnessed?: WitnessedCheckpoint;
  /** Who may have stamped: whatever was found, in any order. */
  readonly signers: readonly SignerChain[];
}

/**
 * Where the records that are shown end before a checkpoint does: the proof that it continues them (RFC 9162, section
 * 2.1.4). As they travel.
 */
export interface CopyEnd {
  readonly checkpoint?: readonly string[];
  readonly witnessed?: readonly string[];
}

/** In the order of the journal. `undefined` is a record that can't be read. */
export type CopyPart =
  | { readonly kind: 'leaves'; readonly leaves: readonly string[] }
  | { readonly kind: 'entries'; readonly entries: readonly (LogEntry | undefined)[] }
  | { readonly kind: 'end'; readonly end: CopyEnd };

export interface JournalCopy {
  readonly head: CopyHead;
  /** Read once. */
  parts(): AsyncIterable<CopyPart>;
  /** Where somebody can be asked: the proof that the checkpoint continues the first `size` records. */
  prove?(size: number): Promise<readonly string[]>;
}
