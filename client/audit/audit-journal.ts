/**
 * Audits a copy of a journal from the root alone: who signed it, whether these are the records, whether every timestamp
 * is genuine, and then every lot again by the auditor's own rules. Names the first record that does not hold.
 */
import { decodeBase64url, equalBytes, utf8 } from '../../shared/bytes.ts';
import { canonicalJson } from '../../shared/canonical-json.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { type Checkpoint, verifyCheckpoint, verifyCosignature } from '../../shared/journal/checkpoint.ts';
import { leafHashOf, PublicRecord } from '../../shared/journal/record.ts';
import type { Certificate } from '../../shared/pki/verify-certificate.ts';
import { parseStrictJson } from '../../shared/strict-json.ts';
import type { LogEntry, WitnessedCheckpoint } from '../../shared/wire/log.ts';
import { asRule } from './as-rule.ts';
import type { AuditedLot } from './audited-lot.ts';
import { CopiedTree, type Proof } from './copied-tree.ts';
import { BrokenRule, type Finding } from './finding.ts';
import type { CopyEnd, JournalCopy } from './journal-copy.ts';
import { LotBook, type StampedRecord } from './lot-book.ts';
import { SignerArchive } from './signer-archive.ts';
import { StampDesk } from './stamp-desk.ts';

/** A checkpoint that the witness cosigned, and when. */
export interface Witnessed {
  readonly size: number;
  readonly root: Uint8Array;
  readonly time: number;
}

export interface AuditReport {
  /** Absent if nobody of this root signed. */
  readonly checkpoint?: Checkpoint;
  readonly witnessed?: Witnessed;
  /** How many records were shown; the others nobody may know yet. */
  readonly shown: number;
  /** Over these. */
  readonly tree?: CopiedTree;
  /** As far as the records hold, in the order of their listing. */
  readonly lots: readonly AuditedLot[];
  /** What does not hold; if more than one thing, the first. */
  readonly finding?: Finding;
}

/** Nodes of a house may differ so much in what time it is. */
const CLOCKS_DIFFER_MS = 2_000;

/** Reads the copy to its end. Throws what reading throws; what is wrong with the journal is in the report. */
export async function auditJournal(copy: JournalCopy, root: Certificate): Promise<AuditReport> {
  const head = await verifyHead(copy, root);
  if ('finding' in head) return { shown: 0, lots: [], finding: head.finding };
  const { checkpoint, witnessed } = head;
  const pass = new RecordPass(new StampDesk(SignerArchive.verify(copy.head.signers, root), root), checkpoint.size);
  const end = await pass.read(copy);
  const { tree, book } = pass;
  const report = { checkpoint, ...(witnessed && { witnessed }), shown: tree.size, tree, lots: [...book.lots.values()] };

  const agrees = witnessed === undefined || tree.agreesWith(witnessed, end.witnessed);
  const sure = witnessed !== undefined && agrees ? Math.min(witnessed.size, tree.size) : 0;
  const different = await tree.compare(checkpoint, end.checkpoint, { sure, prove: asProof(copy) });
  const finding = earliest(different, pass.finding) ?? hidden(pass, checkpoint);
  if (finding !== undefined) return { ...report, finding };
  if (agrees) return report;
  return { ...report, finding: { rule: 'witness-disagrees', detail: `about the first ${witnessed.size} records` } };
}

async function verifyHead(
  { head }: JournalCopy,
  root: Certificate,
): Promise<{ checkpoint: Checkpoint; witnessed?: Witnessed } | { finding: Finding }> {
  try {
    const checkpoint = await asRule('checkpoint-invalid', () => verifyCheckpoint(head.checkpoint, root));
    if (head.witnessed === undefined) return { checkpoint };
    const { witnessed } = head;
    return {
      checkpoint,
      witnessed: await asRule('cosignature-invalid', () => verifyWitnessed(witnessed, checkpoint, root)),
    };
  } catch (error) {
    if (!(error instanceof BrokenRule)) throw error;
    return { finding: findingOf(error) };
  }
}

async function verifyWitnessed(
  { witness, ...signed }: WitnessedCheckpoint,
  { house }: Checkpoint,
  root: Certificate,
): Promise<Witnessed> {
  const shown = await verifyCheckpoint(signed, root);
  if (shown.house !== house) throw new ProtocolError('certificate-untrusted', 'the witnessed house is another one');
  return { size: shown.size, root: shown.root, time: await verifyCosignature(witness, shown, root) };
}

/** Goes through the records once. */
class RecordPass {
  readonly tree = new CopiedTree();
  readonly book = new LotBook();
  /** The first record that breaks a rule by itself; those behind it are not judged, only hashed. */
  finding: Finding | undefined;
  readonly #stamps: StampDesk;
  readonly #most: number;

  constructor(stamps: StampDesk, most: number) {
    this.#stamps = stamps;
    this.#most = most;
  }

  async read(copy: JournalCopy): Promise<CopyEnd> {
    for await (const part of copy.parts()) {
      if (part.kind === 'end') return part.end;
      if (part.kind === 'leaves') this.tree.addLeaves(part.leaves);
      else await this.#takeAll(part.entries);
      // One too many is enough to say so.
      if (this.tree.size > this.#most) break;
    }
    return {};
  }

  async #takeAll(entries: readonly (LogEntry | undefined)[]): Promise<void> {
    // Side by side: signatures are verified on several threads.
    const stamped = this.finding === undefined ? entries.map((entry) => settle(this.#stamped(entry))) : [];
    for (const [index, entry] of entries.entries()) {
      this.tree.addRecord(leafOf(entry));
      if (this.finding === undefined) this.#take(await stamped[index], entry);
    }
    await Promise.all(stamped);
  }

  async #stamped(entry: LogEntry | undefined): Promise<StampedRecord> {
    return this.#stamps.stamped(parseRecord(entry));
  }

  #take(settled: StampedRecord | BrokenRule | undefined, entry: LogEntry | undefined): void {
    try {
      if (settled instanceof BrokenRule) throw settled;
      if (settled !== undefined) this.book.take(settled);
    } catch (error) {
      if (!(error instanceof BrokenRule)) throw error;
      this.finding = { ...findingOf(error), position: this.tree.size, ...lotOf(entry) };
    }
  }
}

/** A rule that is broken is a value, so that nothing that is verified ahead is left alone. */
async function settle(promise: Promise<StampedRecord>): Promise<StampedRecord | BrokenRule> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof BrokenRule) return error;
    throw error;
  }
}

function leafOf(entry: LogEntry | undefined): Uint8Array {
  if (entry === undefined) return new Uint8Array(32);
  const commitment = decodeBase64url(entry.commitment) ?? new Uint8Array();
  return leafHashOf({ publicPart: utf8.encode(entry.record), commitment });
}

function parseRecord(entry: LogEntry | undefined): PublicRecord {
  if (entry === undefined) throw new BrokenRule('record-malformed', 'the line is no record');
  const bytes = utf8.encode(entry.record);
  try {
    const record = PublicRecord.parse(parseStrictJson(bytes));
    // One record has one form.
    if (equalBytes(canonicalJson(record), bytes)) return record;
  } catch (cause) {
    // Neither JSON nor of the schema: both say that it is no record.
    throw new BrokenRule('record-malformed', undefined, { cause });
  }
  throw new BrokenRule('record-malformed', 'not in the form of RFC 8785');
}

function lotOf(entry: LogEntry | undefined): { lot?: string } {
  try {
    return { lot: parseRecord(entry).lot };
  } catch (error) {
    if (error instanceof BrokenRule) return {};
    throw error;
  }
}

function findingOf({ rule, detail }: BrokenRule): Finding {
  return { rule, ...(detail !== undefined && { detail }) };
}

/** Of two at one place the one about the signed bytes: a record that is not the house's does not speak against the house. */
function earliest(different: Finding | undefined, broken: Finding | undefined): Finding | undefined {
  if (different === undefined || broken === undefined) return different ?? broken;
  if (different.rule === 'root-differs') return broken;
  return (broken.position ?? 0) < (different.position ?? 0) ? broken : different;
}

/** The log stops before a bid that nobody may know yet. Such a bid is of a lot whose closing has come. */
function hidden({ tree, book }: RecordPass, { size, time }: Checkpoint): Finding | undefined {
  if (tree.size >= size || book.maySeal(time + CLOCKS_DIFFER_MS)) return undefined;
  return { rule: 'record-hidden', position: tree.size + 1 };
}

function asProof({ prove }: JournalCopy): ((size: number) => Promise<Proof>) | undefined {
  if (prove === undefined) return undefined;
  return async (size) => {
    try {
      return await prove(size);
    } catch (error) {
      // Whoever does not show that it continues what it gave away before, can't.
      if (error instanceof ProtocolError) return undefined;
      throw error;
    }
  };
}
