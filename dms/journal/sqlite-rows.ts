/** Rows of the journal's table as the records that they are. */
import type { SQLOutputValue } from 'node:sqlite';
import { invariant } from '../../shared/invariant.ts';
import type { LotId, Position } from '../../shared/wire/vocabulary.ts';
import type { Recorded } from './journal.ts';

export const COLUMNS = 'position, id, lot, version, public_part, commitment, salt, private_part';

type Row = Record<string, SQLOutputValue>;

/** A row of all `COLUMNS`. */
export function recordedFrom(row: Row): Recorded {
  return {
    position: Number(row['position']) as Position,
    id: String(row['id']),
    lot: String(row['lot']) as LotId,
    version: Number(row['version']),
    record: {
      publicPart: bytesFrom(row, 'public_part'),
      commitment: bytesFrom(row, 'commitment'),
      salt: bytesFrom(row, 'salt'),
      privatePart: bytesFrom(row, 'private_part'),
    },
  };
}

function bytesFrom(row: Row, column: string): Uint8Array {
  const value = row[column];
  invariant(value instanceof Uint8Array, `${column} is a blob in a strict table`);
  return value;
}
