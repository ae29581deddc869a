/** Which sale of a lot was disclosed: one per lot, and always in the same words. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Digest, HouseId, LotId } from '../../shared/wire/vocabulary.ts';

export interface DisclosedSale {
  /** Digest of what identifies the sale. */
  readonly sale: Digest;
  /** The claims about each party, JSON. */
  readonly seller: string;
  readonly winner: string;
}

export class DisclosureRecords {
  readonly #insert: StatementSync;
  readonly #find: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      'INSERT INTO disclosures (house, lot, sale, seller, winner) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.#find = database.prepare('SELECT sale, seller, winner FROM disclosures WHERE house = ? AND lot = ?');
  }

  /** Keeps this sale, unless one of this lot is kept already. Returns the one that is kept, and whether it was before. */
  keep(house: HouseId, lot: LotId, disclosed: DisclosedSale): DisclosedSale & { readonly again: boolean } {
    const { sale, seller, winner } = disclosed;
    const again = this.#insert.run(house, lot, sale, seller, winner).changes === 0;
    return { ...(this.#find.get(house, lot) as unknown as DisclosedSale), again };
  }
}
