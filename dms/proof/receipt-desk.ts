/** Receipts: what shows to the sender of a command, and to anybody whom he shows it, that it is in the journal. */
import { encodeBase64url, utf8 } from '../../shared/bytes.ts';
import { invariant } from '../../shared/invariant.ts';
import { encodePath } from '../../shared/journal/receipt.ts';
import type { Cosignature, LogEntry, Receipt } from '../../shared/wire/log.ts';
import type { Position } from '../../shared/wire/vocabulary.ts';
import type { CheckpointDesk, Signed } from './checkpoint-desk.ts';
import type { PublicBytes, PublicLog } from './public-log.ts';

export interface ReceiptDeskParts {
  readonly house: {
    readonly log: PublicLog;
    publicRecords(after: Position, limit: number): Promise<PublicBytes[]>;
  };
  readonly checkpoints: Pick<CheckpointDesk, 'covering' | 'isFresh'>;
  /** The newest checkpoint that the witness has cosigned. */
  readonly witnessed: () => (Signed & { readonly witness: Cosignature }) | undefined;
}

export class ReceiptDesk {
  readonly #parts: ReceiptDeskParts;
  /** By whom asks: the size of the checkpoint in the last receipt. */
  readonly #shown = new WeakMap<object, Position>();

  constructor(parts: ReceiptDeskParts) {
    this.#parts = parts;
  }

  /**
   * The receipt of the record at this position: by a cosigned checkpoint if one covers it, else by the newest. With the
   * proof that its checkpoint continues that of the last receipt for the same `reader`, so that nobody has to ask for it.
   */
  async receipt(position: Position, reader: object): Promise<Receipt> {
    const { house, checkpoints, witnessed } = this.#parts;
    const cosigned = witnessed();
    const isWitnessed = cosigned !== undefined && cosigned.size >= position && checkpoints.isFresh(cosigned);
    const { checkpoint, size } = isWitnessed ? cosigned : await checkpoints.covering(position);
    const bytes = house.log.recent(position) ?? (await this.#load(position));
    // No `await` from here on: receipts leave in the order of what they continue.
    const from = this.#shown.get(reader) ?? size;
    this.#shown.set(reader, size);
    return {
      ...entryOf(bytes),
      checkpoint,
      path: encodePath(house.log.inclusion(position, size)),
      ...(isWitnessed ? { witness: cosigned.witness } : {}),
      ...(from < size ? { continues: { from, path: encodePath(house.log.consistency(from, size)) } } : {}),
    };
  }

  async #load(position: Position): Promise<PublicBytes> {
    const [bytes] = await this.#parts.house.publicRecords((position - 1) as Position, 1);
    invariant(bytes !== undefined, 'what the log has is in the journal');
    return bytes;
  }
}

/** A record's public bytes as they travel. */
export function entryOf({ publicPart, commitment }: PublicBytes): LogEntry {
  return { record: utf8.decode(publicPart), commitment: encodeBase64url(commitment) };
}
