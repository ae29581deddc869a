/** Receipts: that a signed command is a record of the journal, for its sender at once and for a third party at any time. */
import { decodeBase64url, encodeBase64url, equalBytes, utf8 } from '../bytes.ts';
import { digestOfTerms, digestOfText } from '../crypto/digest.ts';
import { ProtocolError } from '../errors.ts';
import { rootFromInclusion } from '../merkle/inclusion.ts';
import { parseStrictJson } from '../strict-json.ts';
import type { CommandStatement } from '../wire/commands.ts';
import type { Receipt } from '../wire/log.ts';
import type { CompactJws, Position } from '../wire/vocabulary.ts';
import type { Checkpoint } from './checkpoint.ts';
import { leafHashOf, PublicRecord } from './record.ts';

/** A command that was signed, and where the house says that it recorded it. */
export interface Recording {
  readonly statement: CompactJws;
  readonly claims: CommandStatement;
  readonly position: Position;
}

/**
 * Verifies that the record at this position of the checkpoint's tree is that of this command. Returns it.
 * @throws ProtocolError 'receipt-invalid', with the check that failed
 */
export function verifyReceipt(receipt: Receipt, recording: Recording, checkpoint: Checkpoint): PublicRecord {
  const record = parseRecord(receipt.record);
  // The journal is that of the house for which the command was signed.
  demand(checkpoint.house === recording.claims.aud, 'the checkpoint is of another house');
  // The record is of this very statement.
  demand(
    'imprint' in record && record.imprint === digestOfText(recording.statement),
    'the record is of another statement',
  );
  // It says of the statement what the statement says.
  demandSameContent(record, recording.claims);
  // It stands at this place of the journal that was signed.
  demand(recording.position >= 1 && recording.position <= checkpoint.size, 'the checkpoint ends before the record');
  demand(
    equalBytes(rootOf(receipt, recording.position, checkpoint), checkpoint.root),
    'the path leads to another root',
  );
  return record;
}

function demandSameContent(record: PublicRecord, claims: CommandStatement): void {
  if (record.kind === 'bid' && claims.type === 'bid') {
    demand(record.lot === claims.lot && record.amount === claims.amount, 'the record has another lot or amount');
    return;
  }
  demand(record.kind === 'listed' && claims.type === 'list', 'the record is of another kind');
  const { v: _v, aud: _aud, id, type: _type, ...terms } = claims;
  // A lot has the id of the command that lists it.
  const isSame = record.lot === (id as string) && digestOfTerms(record.terms) === digestOfTerms(terms);
  demand(isSame, 'the record has another lot or other terms');
}

function rootOf({ record, commitment, path }: Receipt, position: Position, { size }: Checkpoint): Uint8Array {
  const leaf = leafHashOf({ publicPart: utf8.encode(record), commitment: decode(commitment) });
  try {
    return rootFromInclusion(leaf, position - 1, size, path.map(decode));
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new ProtocolError('receipt-invalid', cause.detail, { cause });
  }
}

function parseRecord(text: string): PublicRecord {
  try {
    return PublicRecord.parse(parseStrictJson(utf8.encode(text)));
  } catch (cause) {
    // Neither JSON nor of the schema: whatever it is, it is no record.
    throw new ProtocolError('receipt-invalid', 'the record is no record of version 1', { cause });
  }
}

function decode(text: string): Uint8Array {
  return decodeBase64url(text) ?? new Uint8Array();
}

function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new ProtocolError('receipt-invalid', what);
}

/** Hashes as they travel. */
export function encodePath(path: readonly Uint8Array[]): string[] {
  return path.map(encodeBase64url);
}
