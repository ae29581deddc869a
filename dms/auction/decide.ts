/**
 * The rules of the house. `decide` looks at a lot as it stands and a command that was verified, and answers with what
 * happened or with the first rule that says no. It has no clock: time comes in with the command.
 *
 * - **Time is the stamp's.** A bid is judged by the time of its timestamp token, whenever it arrives. An equal amount
 *   that was stamped earlier takes the lead although it arrives later; one stamped later loses the tie.
 * - **Winner**: the greatest recorded bid by amount, then earlier time, then smaller serial (precedence.ts).
 * - **Soft closing**: a bid stamped within the window before the closing may move the closing (closing.ts).
 * - **Grace**: a lot closes `CLOSING_GRACE_MS` after its effective closing; until then bids stamped in time may arrive.
 * - **The grace is a sealed round.** A bid that arrives at or after the closing that results from it is recorded but
 *   withheld: nobody hears of it before the lot closes, or before a bid that reopens the lot by soft closing. For the
 *   answers to tell nothing either, the two rules about the leading bid compare with the bids that were *told* only:
 *   a withheld bid may be beaten before it is announced, and its sender learns so when everybody does.
 *
 * Bidding over oneself is allowed. What a table row means to a person stands in `REJECTIONS` (shared/wire/commands.ts).
 */
import { invariant } from '../../shared/invariant.ts';
import type { RejectionReason } from '../../shared/wire/commands.ts';
import { MAX_LOT_LIFE_MS } from '../../shared/wire/limits.ts';
import type { LotId } from '../../shared/wire/vocabulary.ts';
import { closingAfterBid, isDue, latestClosing } from './closing.ts';
import type { BidPlaced, LotClosed, LotListed } from './events.ts';
import type { Lot } from './lot.ts';
import { isStampedBefore } from './precedence.ts';
import type { BidCommand, CloseCommand, ListCommand, VerifiedCommand } from './verified-command.ts';

/** The answer to a participant's command. */
export type Decision =
  | { readonly accepted: true; readonly event: LotListed | BidPlaced }
  | { readonly accepted: false; readonly reason: RejectionReason };

/**
 * The answer to the house's own command to close. A no is no mistake: between reading the signed time and deciding, a
 * bid may have moved the closing (`not-due`: look again at `dueAt`), or another node may have closed the lot.
 */
export type ClosingDecision =
  | { readonly accepted: true; readonly event: LotClosed }
  | { readonly accepted: false; readonly reason: 'not-due' | 'lot-closed' };

type BidRule = readonly [reason: RejectionReason, applies: (bid: BidCommand, lot: Lot) => boolean];
type ListingRule = readonly [reason: RejectionReason, applies: (listing: ListCommand) => boolean];
type LotRule = readonly [reason: RejectionReason, applies: (lot: Lot | undefined) => lot is undefined];

/**
 * The rules for a bid, in order of precedence: the first that applies is the reason.
 * @internal exported for the test that has a row for each
 */
export const BID_RULES: readonly [LotRule, ...BidRule[]] = [
  ['lot-not-found', (lot) => lot === undefined],
  ['lot-closed', (_bid, lot) => lot.status !== 'open'],
  ['bidder-is-seller', (bid, lot) => bid.subject === lot.seller],
  ['terms-mismatch', (bid, lot) => bid.termsDigest !== lot.termsDigest],
  ['timestamp-before-listing', (bid, lot) => isStampedBefore(bid, { at: lot.listedAt, serial: lot.listedSerial })],
  ['timestamp-after-closing', (bid, lot) => bid.at >= lot.closesAt],
  ['bid-below-starting-price', (bid, lot) => bid.amount < lot.terms.startingPrice],
  ['bid-below-increment', isBelowIncrement],
  ['tie-lost', losesTie],
];

/**
 * The rules for a listing, in order of precedence.
 * @internal exported for the test that has a row for each
 */
export const LISTING_RULES: readonly ListingRule[] = [
  ['closing-not-in-future', ({ at, terms }) => terms.closesAt <= at],
  // Soft closing counts: no lot can be kept open beyond this by bids either.
  ['closing-too-far', ({ at, terms }) => latestClosing(terms) > at + MAX_LOT_LIFE_MS],
  ['extension-before-closing', ({ terms }) => terms.extension !== undefined && terms.extension.until < terms.closesAt],
];

/**
 * Judges one command. `lot` is the lot that the command names, `undefined` if there is none; `nextNumber` is the
 * ordinal that a new lot gets. Changes nothing: the event that it returns has to be recorded, then handed to `evolve`.
 */
export function decide(lot: Lot | undefined, command: VerifiedCommand, nextNumber: number): Decision;
export function decide(lot: Lot | undefined, command: CloseCommand, nextNumber: number): ClosingDecision;
export function decide(
  lot: Lot | undefined,
  command: VerifiedCommand | CloseCommand,
  nextNumber: number,
): Decision | ClosingDecision;
export function decide(
  lot: Lot | undefined,
  command: VerifiedCommand | CloseCommand,
  nextNumber: number,
): Decision | ClosingDecision {
  switch (command.type) {
    case 'list':
      return decideListing(lot, command, nextNumber);
    case 'bid':
      return decideBid(lot, command);
    case 'close':
      return decideClosing(lot, command);
  }
}

function decideListing(lot: Lot | undefined, listing: ListCommand, number: number): Decision {
  invariant(lot === undefined, 'the intake lets a command id pass once only');
  const broken = LISTING_RULES.find(([, applies]) => applies(listing));
  if (broken !== undefined) return { accepted: false, reason: broken[0] };
  const { id, subject, terms, termsDigest, pseudonym, at, serial } = listing;
  const lotId = id as string as LotId;
  return {
    accepted: true,
    event: { type: 'lot-listed', lot: lotId, number, seller: subject, terms, termsDigest, pseudonym, at, serial },
  };
}

const [[lotNotFound, isMissing], ...RULES_OF_A_FOUND_LOT] = BID_RULES;

function decideBid(lot: Lot | undefined, bid: BidCommand): Decision {
  if (isMissing(lot)) return { accepted: false, reason: lotNotFound };
  invariant(lot.id === bid.lot, 'a bid is judged against the lot that it names');
  const broken = RULES_OF_A_FOUND_LOT.find(([, applies]) => applies(bid, lot));
  if (broken !== undefined) return { accepted: false, reason: broken[0] };
  const { subject, amount, pseudonym, at, serial, receivedAt } = bid;
  const closesAt = closingAfterBid(lot.terms, lot.closesAt, at);
  const withheld = receivedAt >= closesAt;
  return {
    accepted: true,
    event: {
      type: 'bid-placed',
      lot: lot.id,
      bidder: subject,
      amount,
      pseudonym,
      at,
      serial,
      closesAt,
      withheld,
    },
  };
}

function isBelowIncrement({ amount }: BidCommand, { told, terms }: Lot): boolean {
  // An equal amount is a tie, not an attempt to outbid: the next row judges it by the stamps.
  if (told.leading === undefined || amount === told.leading.amount) return false;
  return amount < told.leading.amount + terms.increment;
}

function losesTie(bid: BidCommand, { told }: Lot): boolean {
  return told.leading?.amount === bid.amount && !isStampedBefore(bid, told.leading);
}

function decideClosing(lot: Lot | undefined, command: CloseCommand): ClosingDecision {
  invariant(lot !== undefined && lot.id === command.lot, 'the house closes lots that it has');
  if (lot.status !== 'open') return { accepted: false, reason: 'lot-closed' };
  if (!isDue(lot, command.at)) return { accepted: false, reason: 'not-due' };
  const { leading } = lot;
  const base = { type: 'lot-closed', lot: lot.id, at: command.at } as const;
  const event: LotClosed =
    leading === undefined
      ? { ...base, outcome: 'unsold' }
      : { ...base, outcome: 'sold', hammerPrice: leading.amount, pseudonym: leading.pseudonym };
  return { accepted: true, event };
}
