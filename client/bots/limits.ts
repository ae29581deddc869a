/** What no bot can break, whatever it wishes: a list of checks, the first that applies is what is told. Pure. */
import type { Amount, Currency } from '../../shared/wire/vocabulary.ts';
import type { LotModel } from '../store/model.ts';
import { isLeading, nextValidBid, timeLeftMs } from '../store/select.ts';
import type { Wish } from './define-bot.ts';

/** What the owner of a bot decides. */
export interface Limits {
  /** All amounts are of this one; lots in another are left alone. */
  readonly currency: Currency;
  /** The most that may be won and led with at any time. */
  readonly budget?: Amount;
  /** The most on a lot; `undefined` where the bot may not bid. */
  maxOn(lot: LotModel): Amount | undefined;
  /** New commands within any minute. */
  readonly perMinute: number;
}

/** How everything stands when a wish is judged. */
export interface Standing {
  readonly now: Parameters<typeof timeLeftMs>[1];
  readonly isUp: boolean;
  readonly isStopped: boolean;
  readonly isPaper: boolean;
  /** The lot of a bid, with our bids of earlier runs. */
  readonly lot: LotModel | undefined;
  /** Whether this bot deals with the lot. */
  readonly isInScope: boolean;
  /** An earlier command on the lot is not answered yet. */
  readonly isUnderWay: boolean;
  /** Nothing has changed since the house said no. */
  readonly isUnchanged: boolean;
  /** Bound by bids on other lots. */
  readonly committedElsewhere: number;
  /** Bound by earlier bids on this lot. */
  readonly committedHere: number;
  readonly commandsThisMinute: number;
}

export const LIMIT_NAMES = [
  'malformed',
  'stopped',
  'link-down',
  'paper',
  'lot-unknown',
  'other-lot',
  'currency',
  'own-lot',
  'closed',
  'under-way',
  'leading',
  'too-low',
  'unchanged',
  'max',
  'budget',
  'per-minute',
] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];

type Bid = Extract<Wish, { readonly bid: Amount }>;
type Check = readonly [
  LimitName,
  (bid: Bid, standing: Standing & { readonly lot: LotModel }, limits: Limits) => boolean,
];

const insists = ({ despite = [] }: Bid, on: 'leading' | 'too-low') => despite.includes(on);

/** In this order: what can't change comes first, what the owner decides last. */
const BID_CHECKS: readonly Check[] = [
  ['other-lot', (_bid, { isInScope }) => !isInScope],
  ['currency', (_bid, { lot }, { currency }) => lot.terms.currency !== currency],
  ['own-lot', (_bid, { lot }) => lot.mine],
  ['closed', (_bid, { lot, now }) => timeLeftMs(lot, now) === 0],
  ['under-way', (_bid, { isUnderWay }) => isUnderWay],
  ['leading', (bid, { lot }) => isLeading(lot) && !insists(bid, 'leading')],
  ['too-low', (bid, { lot }) => bid.bid < nextValidBid(lot) && !insists(bid, 'too-low')],
  ['unchanged', (bid, { isUnchanged }) => isUnchanged && !insists(bid, 'too-low')],
  ['max', (bid, { lot }, limits) => bid.bid > (limits.maxOn(lot) ?? 0)],
  [
    'budget',
    (bid, { committedElsewhere, committedHere }, { budget }) =>
      budget !== undefined && committedElsewhere + Math.max(committedHere, bid.bid) > budget,
  ],
];

/** The limit that a wish breaks, `undefined` for one that may be sent. */
export function brokenLimit(wish: Wish, standing: Standing, limits: Limits): LimitName | undefined {
  if (standing.isStopped) return 'stopped';
  if (!standing.isUp) return 'link-down';
  return brokenBy(wish, standing, limits) ?? (isTooMany(standing, limits) ? 'per-minute' : undefined);
}

function brokenBy(wish: Wish, standing: Standing, limits: Limits): LimitName | undefined {
  if ('list' in wish) return brokenByListing(wish.list, standing, limits);
  const { lot } = standing;
  if (lot === undefined) return 'lot-unknown';
  return BID_CHECKS.find(([, applies]) => applies(wish, { ...standing, lot }, limits))?.[0];
}

function brokenByListing(terms: LotModel['terms'], standing: Standing, limits: Limits): LimitName | undefined {
  if (standing.isPaper) return 'paper';
  if (!standing.isInScope) return 'other-lot';
  return terms.currency === limits.currency ? undefined : 'currency';
}

function isTooMany({ commandsThisMinute }: Standing, { perMinute }: Limits): boolean {
  return commandsThisMinute >= perMinute;
}

/** The most that a bid on this lot may be now; 0 where none may. */
export function mostOn(lot: LotModel, committedElsewhere: number, limits: Limits): number {
  const { budget = Number.POSITIVE_INFINITY } = limits;
  return Math.max(0, Math.min(limits.maxOn(lot) ?? 0, budget - committedElsewhere));
}
