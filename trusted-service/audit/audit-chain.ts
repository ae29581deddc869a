/** The chain that holds the audit journal together: each link is the digest of all that was before it and of its event. */
import { equalBytes, utf8 } from '../../shared/bytes.ts';
import { sha256 } from '../../shared/crypto/digest.ts';

/** A place in the journal, and the digest of everything up to it. Whoever noted one can tell a journal that was rewritten. */
export interface AuditHead {
  /** Events up to here; 0 is before the first. */
  readonly number: number;
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/** A row as it is found on disk, where everything may be wrong with it. */
export interface AuditRow {
  readonly number: string;
  readonly event: Uint8Array;
  readonly hash: Uint8Array;
}

/** What an event is, once its row holds. */
export type AuditedEvent = Readonly<Record<string, unknown>> & { readonly number: number };

/** A row that holds. */
export interface VerifiedRow {
  readonly head: AuditHead;
  readonly event: AuditedEvent;
}

const HASH_BYTES = 32;
/** The head of a journal without events. */
export const EMPTY_HEAD: AuditHead = { number: 0, hash: new Uint8Array(HASH_BYTES) };

/** The first row that does not hold, and why, in words for the operator. */
export class BrokenChain extends Error {
  override readonly name = 'BrokenChain';
  readonly number: number;

  constructor(number: number, reason: string, options?: ErrorOptions) {
    super(`event ${number} ${reason}`, options);
    this.number = number;
  }
}

/** The head after the next event, whose RFC 8785 bytes these are: SHA-256(hash before ‖ event). */
export function extendHead({ number, hash }: AuditHead, event: Uint8Array): AuditHead {
  return { number: number + 1, hash: sha256(hash, event) };
}

/**
 * Verifies the rows one after the other and gives each event with its own head. With `noted`, a head that somebody wrote
 * down before, the journal must also still be the one that it was then, and no shorter. Throws `BrokenChain`.
 */
export function* verifyRows(rows: Iterable<AuditRow>, noted?: AuditHead): Generator<VerifiedRow> {
  let head = EMPTY_HEAD;
  demandNoted(head, noted);
  for (const row of rows) {
    const verified = verifyRow(head, row);
    head = verified.head;
    demandNoted(head, noted);
    yield verified;
  }
  if (noted !== undefined && noted.number > head.number) {
    throw new BrokenChain(head.number + 1, `is missing: ${noted.number} were there when the head was noted`);
  }
}

function verifyRow(head: AuditHead, row: AuditRow): VerifiedRow {
  const next = extendHead(head, row.event);
  if (row.number !== String(next.number)) {
    throw new BrokenChain(next.number, `is missing: the next row has the number ${row.number}`);
  }
  if (!equalBytes(next.hash, row.hash)) throw new BrokenChain(next.number, 'is not what was written');
  const event = parseEvent(next.number, row.event);
  if (event.number !== next.number) throw new BrokenChain(next.number, 'was written for another place');
  return { head: next, event };
}

function demandNoted(head: AuditHead, noted: AuditHead | undefined): void {
  if (noted?.number !== head.number || equalBytes(head.hash, noted.hash)) return;
  throw new BrokenChain(head.number, 'or one before it was rewritten: its hash is not the one that was noted');
}

/** `number:hash in hexadecimal`. */
export function formatHead({ number, hash }: AuditHead): string {
  return `${number}:${Buffer.from(hash).toString('hex')}`;
}

/** Reads what `formatHead` wrote; `undefined` for every other text. */
export function parseHead(text: string): AuditHead | undefined {
  const [, number, hash] = /^(0|[1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (number === undefined || hash === undefined) return undefined;
  return { number: Number(number), hash: new Uint8Array(Buffer.from(hash, 'hex')) };
}

function parseEvent(number: number, bytes: Uint8Array): AuditedEvent {
  try {
    const event: unknown = JSON.parse(utf8.decode(bytes));
    if (typeof event === 'object' && event !== null && 'number' in event) return event as AuditedEvent;
  } catch (cause) {
    // The hash is right, so the row was written like this, and not by us.
    throw new BrokenChain(number, 'is no event', { cause });
  }
  throw new BrokenChain(number, 'is no event');
}
