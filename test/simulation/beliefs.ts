/** What a house believes and shows of its lots, against what the records say of them. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { AuctionHouse } from '../../dms/auction-house.ts';
import { HouseState } from '../../dms/commit/house-state.ts';
import type { Recorded } from '../../dms/journal/journal.ts';
import type { CatalogueLot } from '../../shared/wire/announcements.ts';
import { best, type KnownLot, type Truth } from './truth.ts';
import { holdsSecret } from './vocabulary.ts';

/** In what a house that has just believed the record at `position` is wrong about its lot. */
export function wrongBelief(truth: Truth, house: AuctionHouse, position: number): string | undefined {
  const known = truth.lotOf(position);
  const lot = [...house.lots.values()][known.number - 1];
  const leading = best(truth.bids(known, position));
  const told = truth.told(known, position);
  const believed = [
    ...[lot?.id, lot?.status, lot?.version, lot?.closesAt, lot?.leading?.position],
    ...[lot?.told.bids, lot?.told.leading?.position, lot?.withheld.length],
  ];
  const expected = [
    ...[known.id, truth.status(known, position), known.positions.filter((at) => at <= position).length],
    ...[truth.closesAt(known, position), leading?.position],
    ...[told.length, best(told)?.position, truth.bids(known, position).length - told.length],
  ];
  return isDeepStrictEqual(believed, expected) ? undefined : JSON.stringify({ position, believed, expected });
}

/** Whether a house is the fold of these records: the slow and whole test, by a state of its own. */
export function isFoldOf(house: AuctionHouse, records: readonly Recorded[]): boolean {
  const state = new HouseState();
  state.takeIn(records, () => undefined);
  return (
    isDeepStrictEqual([...state.lots], [...house.lots]) &&
    isDeepStrictEqual([...state.lotsBySeller], [...house.lotsBySeller]) &&
    state.publicPosition === house.publicPosition &&
    records.every(({ id }) => isDeepStrictEqual(state.recorded(id), house.recorded(id)))
  );
}

/** Whether a lot is shown as everybody was told of it at one of the positions from `from` to `until`. */
export function isShownBetween(truth: Truth, shown: CatalogueLot, from: number, until: number): boolean {
  const lot = truth.lots.get(shown.lot);
  const positions = lot?.positions.filter((at) => at > from && at <= until) ?? [];
  return lot !== undefined && [from, ...positions].some((at) => isShownAsAt(truth, lot, shown, at));
}

function isShownAsAt(truth: Truth, lot: KnownLot, shown: CatalogueLot, position: number): boolean {
  const told = truth.told(lot, position);
  return (
    shown.bids === told.length &&
    shown.leadingAmount === best(told)?.amount &&
    shown.status === truth.status(lot, position) &&
    shown.closesAt === (told.at(-1)?.closesAt ?? lot.terms.closesAt) &&
    !holdsSecret(JSON.stringify(shown))
  );
}

/** What one party of a closed lot is to hear, and who that is. */
export function ownNotice({ seller, number, bids, closed, disclosed }: KnownLot, role: 'seller' | 'winner'): object {
  const envelope = disclosed?.[role];
  return {
    to: role === 'seller' ? seller : best(bids)?.bidder,
    number,
    outcome: closed?.outcome,
    ...(closed?.hammerPrice !== undefined && { hammerPrice: closed.hammerPrice }),
    ...(envelope !== undefined && { envelope }),
  };
}

/** What a lot still lacks when all is over. `received` has the notices that came to their owners: lot and role. */
export function missingOf(lot: KnownLot, received: ReadonlySet<string>): string | undefined {
  const { closed, id, acknowledged } = lot;
  if (closed === undefined) return 'it is not closed';
  for (const role of closed.outcome === 'sold' ? ['seller', 'winner'] : ['seller']) {
    if (!received.has(`${id} ${role}`)) return `its ${role} has no notice`;
    if (!acknowledged.has(role)) return `the notice to its ${role} is not acknowledged`;
  }
  return undefined;
}
