/** Which of a company bids next, on what, and how much. Pure: the same lots and the same chance lead to the same bid. */

import type { LotModel } from '../client/store/model.ts';
import { isLeading, nextValidBid, timeLeftMs } from '../client/store/select.ts';
import type { Amount, Instant } from '../shared/wire/vocabulary.ts';
import { Chance, seedOf } from './chance.ts';

/** A bidder with the lots as this one sees them. */
export interface Seat {
  readonly name: string;
  readonly lots: readonly LotModel[];
}

export interface NextBid {
  readonly name: string;
  readonly lot: LotModel;
  readonly amount: Amount;
}

/** What somebody finds a lot worth, as parts of its starting price. */
const WORTH = { least: 1.15, most: 2.1 };
/** What is left to others: a bid that late would only be a race. */
const LAST_MS = 4_000;
const SOON_MS = 60_000;
/** A raise is about this part of the price. */
const RAISE = 0.04;
/** Of who is not of the company: their bid is answered, and their lot is bid on, before anything else. */
const FOR_GUESTS = 12;
const WITHOUT_A_BID = 3;
const ENDING_SOON = 3;

/** `undefined` where nobody wants to bid just now. `house` are the lots that sellers of the company offer. */
export function chooseBid(
  seats: readonly Seat[],
  house: ReadonlySet<LotModel['lot']>,
  now: Instant,
  chance: Chance,
): NextBid | undefined {
  const leaders = new Set(seats.flatMap(({ lots }) => lots.filter(isLeading).map(({ lot }) => lot)));
  const wishes = seats.flatMap(({ name, lots }) =>
    lots.flatMap((lot) => {
      const amount = wishFor(name, lot, now);
      return amount === undefined ? [] : [{ name, lot, amount }];
    }),
  );
  return chance.pick(wishes, ({ lot }) => {
    const isAnswer = lot.leading !== undefined && !leaders.has(lot.lot);
    const isOfGuest = !house.has(lot.lot) && lot.bids < 3;
    return (
      (isAnswer || isOfGuest ? FOR_GUESTS : 1) *
      (lot.bids === 0 ? WITHOUT_A_BID : 1) *
      (timeLeftMs(lot, now) < SOON_MS ? ENDING_SOON : 1)
    );
  });
}

/** What this bidder would bid now; `undefined` for one who leads, or finds it dear. */
function wishFor(name: string, lot: LotModel, now: Instant): Amount | undefined {
  if (lot.mine || isLeading(lot) || timeLeftMs(lot, now) < LAST_MS) return undefined;
  const worth = lot.terms.startingPrice * new Chance(seedOf(`${name} ${lot.lot}`)).between(WORTH.least, WORTH.most);
  const least = nextValidBid(lot);
  const round = roundStep(least * RAISE);
  const amount = lot.leading === undefined ? least : Math.ceil((lot.leading.amount + round) / round) * round;
  const wish = Math.max(least, amount);
  return wish <= worth ? (wish as Amount) : undefined;
}

/** 1, 2 or 5 of some power of ten: how people raise. */
function roundStep(about: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, about)));
  const factor = [1, 2, 5, 10].find((one) => one * power >= about) ?? 10;
  return factor * power;
}
