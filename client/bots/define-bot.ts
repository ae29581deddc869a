/** What a bot is: a name, what it can be told, and what it wishes when something happens. The runner does the rest. */
import type { LotTerms } from '../../shared/wire/commands.ts';
import type { Amount, Currency, Instant, LotId } from '../../shared/wire/vocabulary.ts';
import type { ParamTable, ParamValues } from './params.ts';

/** What a bot may know of a lot. All of it is public, but for what is about ourselves. Frozen: it is a look, not the lot. */
export interface LotSight {
  readonly lot: LotId;
  readonly number: number;
  readonly title: string;
  readonly currency: Currency;
  readonly startingPrice: Amount;
  readonly increment: Amount;
  readonly closesAt: Instant;
  /** Until the lot takes no more bids, by trusted time, in milliseconds; 0 once it is over. */
  readonly leftMs: number;
  readonly status: 'open' | 'sold' | 'unsold';
  /** Bids that everybody was told of. */
  readonly bids: number;
  readonly leadingAmount?: Amount;
  /** The least that the house takes now. */
  readonly nextValid: Amount;
  /** Whether we offer it. */
  readonly mine: boolean;
  /** Whether nobody outbids us, as far as anybody was told. */
  readonly isLeading: boolean;
  /** The greatest of our own recorded bids, of earlier runs too. */
  readonly ownBest?: Amount;
  /** The most that the runner lets through on this lot now: by the limit of a lot, and by what is left of the budget. */
  readonly max: number;
}

/** What a bot may know beside a lot. */
export interface Sight<Table extends ParamTable = ParamTable> {
  /** The trusted time. */
  readonly now: Instant;
  /** The lots that this bot may bid on, and those that it offers. */
  readonly lots: readonly LotSight[];
  readonly params: ParamValues<Table>;
  /** In minor units; without a budget `left` is infinite. */
  readonly purse: { readonly committed: number; readonly left: number };
  /** A number in [0, 1), the same row of them for the same `--seed`. */
  random(): number;
}

/** What a bot can ask the runner to let pass although it is mostly a mistake. No limit of its owner is among them. */
export type Despite = 'leading' | 'too-low';

/** To bid minor units on a lot, or to offer one. */
export type Wish =
  | { readonly bid: Amount; readonly lot: LotId; readonly despite?: readonly Despite[] }
  | { readonly list: LotTerms };

/** `undefined` is to wait. */
export type Wishes = Wish | readonly Wish[] | undefined;

/** A strategy. Handlers answer at once and wait for nothing; one that throws ends the bot. */
export interface Bot<Table extends ParamTable = ParamTable> {
  /** As it is typed: small letters, digits and hyphens. */
  readonly name: string;
  readonly summary: string;
  /** What it can be told on the command line. */
  readonly params?: Table;
  /**
   * The amount to bid on a lot, or `undefined` to wait: asked about each open lot that is not ours, at every tick and
   * whenever something was announced about it. For most bots this is all.
   */
  bidOn?(lot: LotSight, sight: Sight<Table>): Amount | undefined;
  /** A lot was listed. */
  onListed?(lot: LotSight, sight: Sight<Table>): Wishes;
  /** A bid was announced, ours or another's. */
  onBid?(lot: LotSight, sight: Sight<Table>): Wishes;
  /** Some time passed: ten times a second. */
  onTick?(sight: Sight<Table>): Wishes;
  /** A lot was sold, or found no bidder. */
  onClosed?(lot: LotSight, sight: Sight<Table>): Wishes;
}

/**
 * Declares a bot; its parameters get their types.
 *
 * @example
 * export const bot = defineBot({
 *   name: 'patient',
 *   summary: 'bids when the lot is nearly over',
 *   params: { last: { type: 'duration', help: 'how late', default: '1m' } },
 *   bidOn: (lot, { params }) => (lot.leftMs > params.last || lot.isLeading ? undefined : lot.nextValid),
 * });
 */
export function defineBot<const Table extends ParamTable>(bot: Bot<Table>): Bot<Table> {
  return bot;
}
