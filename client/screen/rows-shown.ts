/** Which lots are in the table, and in which order. */
import type { LotModel } from '../store/model.ts';
import { timeLeftMs } from '../store/select.ts';
import type { Filter, ScreenState, SortKey } from './screen-state.ts';

/** Asked for several times while one frame is made. */
const SHOWN = new WeakMap<ScreenState, readonly LotModel[]>();

/** The lots that the filter lets through, sorted. Those that are over come last. */
export function lotsShown(state: ScreenState): readonly LotModel[] {
  const known = SHOWN.get(state);
  if (known !== undefined) return known;
  const lots = sortedLots(state);
  SHOWN.set(state, lots);
  return lots;
}

function sortedLots({ model, filter, sort, moment }: ScreenState): readonly LotModel[] {
  const passes = FILTER_RULES[filter];
  const compare = SORT_RULES[sort];
  return [...model.lots.values()]
    .filter((lot) => passes(lot, model.watched.has(lot.lot)))
    .sort(
      (a, b) =>
        Number(a.status !== 'open') - Number(b.status !== 'open') || compare(a, b, moment.at) || a.number - b.number,
    );
}

/** The lot that keys speak of: the selected one, else the first. */
export function lotAtCursor(state: ScreenState, lots: readonly LotModel[] = lotsShown(state)): LotModel | undefined {
  return lots.find(({ lot }) => lot === state.selected) ?? lots[0];
}

const FILTER_RULES: { readonly [Name in Filter]: (lot: LotModel, isWatched: boolean) => boolean } = {
  all: () => true,
  open: ({ status }) => status === 'open',
  watched: (_lot, isWatched) => isWatched,
  'my bids': ({ ownBids, role }) => ownBids.length > 0 || role === 'winner',
  'my lots': ({ mine }) => mine,
};

const SORT_RULES: {
  readonly [Name in SortKey]: (a: LotModel, b: LotModel, now: ScreenState['moment']['at']) => number;
} = {
  // What ended last is nearer than what ended long ago.
  'time left': (a, b, now) => (a.status === 'open' ? timeLeftMs(a, now) - timeLeftMs(b, now) : b.closesAt - a.closesAt),
  number: () => 0,
  price: (a, b) => priceOf(b) - priceOf(a),
  bids: (a, b) => b.bids - a.bids,
};

function priceOf(lot: LotModel): number {
  return lot.hammerPrice ?? lot.leading?.amount ?? lot.terms.startingPrice;
}
