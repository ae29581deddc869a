/** What the witness has seen of each house's journal: the last checkpoint, and the first two that contradict each other. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CompactJws, HouseId } from '../../shared/wire/vocabulary.ts';

export interface SeenCheckpoint {
  readonly size: number;
  readonly root: Uint8Array;
  /** As the node signed it. */
  readonly checkpoint: CompactJws;
}

export class WitnessRecords {
  readonly #keep: StatementSync;
  readonly #last: StatementSync;
  readonly #keepConflict: StatementSync;

  constructor(database: DatabaseSync) {
    this.#keep = database.prepare(
      `INSERT INTO witnessed_checkpoints (house, size, root, checkpoint) VALUES (?, ?, ?, ?)
       ON CONFLICT (house) DO UPDATE SET size = excluded.size, root = excluded.root, checkpoint = excluded.checkpoint`,
    );
    this.#last = database.prepare('SELECT size, root, checkpoint FROM witnessed_checkpoints WHERE house = ?');
    this.#keepConflict = database.prepare(
      'INSERT INTO witnessed_conflicts (house, seen, shown) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    );
  }

  /** The last checkpoint that was cosigned, or was about to be. */
  last(house: HouseId): SeenCheckpoint | undefined {
    return this.#last.get(house) as SeenCheckpoint | undefined;
  }

  /** Remembers a checkpoint in place of the one before. */
  keep(house: HouseId, { size, root, checkpoint }: SeenCheckpoint): void {
    this.#keep.run(house, size, root, checkpoint);
  }

  /** Keeps two checkpoints of which one does not continue the other; of each house the first such pair. Returns whether it did. */
  keepConflict(house: HouseId, seen: CompactJws, shown: CompactJws): boolean {
    return this.#keepConflict.run(house, seen, shown).changes === 1;
  }
}
