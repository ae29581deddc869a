/** Who sits in a private room: the parties of one sale, each with its own notice, and nobody else. Pure. */
import type { AuctionClosed } from '../../shared/wire/announcements.ts';
import type { LotId, Subject } from '../../shared/wire/vocabulary.ts';

export interface DisclosureRoom {
  /** Random: nobody can guess it, and it says nothing about the lot or its parties. */
  readonly name: string;
  readonly parties: readonly { readonly to: Subject; readonly notice: AuctionClosed }[];
}

/** One room for each lot of these notices. `newName` gives a random name at each call. */
export function disclosureRooms(notices: DisclosureRoom['parties'], newName: () => string): DisclosureRoom[] {
  const byLot = Map.groupBy(notices, ({ notice }): LotId => notice.lot);
  return Array.from(byLot.values(), (parties) => ({ name: newName(), parties }));
}
