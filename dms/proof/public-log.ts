/**
 * The journal as everybody may check it: the tree over its records, which follows from the records in their order alone,
 * so that every node of the house has the same. Part of the fold.
 */
import { invariant } from '../../shared/invariant.ts';
import { type JournalRecord, leafHashOf } from '../../shared/journal/record.ts';
import type { TreeHead } from '../../shared/merkle/consistency.ts';
import { GrowingTree } from '../../shared/merkle/growing-tree.ts';
import type { Position } from '../../shared/wire/vocabulary.ts';

/** What everybody may know of a record, in bytes. */
export type PublicBytes = Pick<JournalRecord, 'publicPart' | 'commitment'>;

/** Without the private part, which stays here. */
export function publicBytesOf({ publicPart, commitment }: JournalRecord): PublicBytes {
  return { publicPart, commitment };
}

/** Records whose public bytes are kept for the receipt that follows at once: two full commits, some 2 MB. */
const RECENT = 1_024;

export class PublicLog {
  readonly #tree = new GrowingTree();
  readonly #recent: PublicBytes[] = [];

  /** Adds the record of the next position. */
  append(record: JournalRecord): void {
    const bytes = publicBytesOf(record);
    this.#tree.append(leafHashOf(bytes));
    this.#recent[(this.#tree.size - 1) % RECENT] = bytes;
  }

  get size(): Position {
    return this.#tree.size as Position;
  }

  head(): TreeHead {
    return { size: this.#tree.size, root: this.#tree.root() };
  }

  /** The path of a record in the journal of `size` records, which it has had. */
  inclusion(position: Position, size: Position): Uint8Array[] {
    return this.#tree.inclusion(position - 1, size);
  }

  /** That the journal of `to` records continues that of `from`, which may be empty. */
  consistency(from: Position, to: Position): Uint8Array[] {
    return from === 0 ? [] : this.#tree.consistency(from, to);
  }

  /** The public bytes of a record, if it is one of the last. */
  recent(position: Position): PublicBytes | undefined {
    invariant(position >= 1 && position <= this.size, 'the journal has that record');
    return position > this.size - RECENT ? this.#recent[(position - 1) % RECENT] : undefined;
  }
}
