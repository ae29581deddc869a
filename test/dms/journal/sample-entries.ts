/** Entries for the journal's tests: an engine looks at ids, lots and versions, the record is bytes to it. */
import { createHash, randomUUID } from 'node:crypto';
import type { Entry } from '../../../dms/journal/journal.ts';
import { HouseId, type LotId, type Position } from '../../../shared/wire/vocabulary.ts';

export const START = 0 as Position;

export function someHouse(): HouseId {
  return HouseId.parse(randomUUID());
}

export function someLot(): LotId {
  return randomUUID() as LotId;
}

/** An entry whose record holds `text`. */
export function someEntry(lot: LotId, expect: number, id: string = randomUUID(), text: string = id): Entry {
  const salt = new Uint8Array(32).fill(expect);
  const privatePart = new TextEncoder().encode(`private ${text}`);
  const commitment = new Uint8Array(createHash('sha256').update(salt).update(privatePart).digest());
  return {
    id,
    lot,
    expect,
    record: { publicPart: new TextEncoder().encode(`public ${text}`), commitment, salt, privatePart },
  };
}
