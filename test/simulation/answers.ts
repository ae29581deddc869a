/** Whether the answer to a command is one that the records allow. Pure. */
import type { Answered, SentCommand } from './intake.ts';
import { best, type KnownLot, type Truth } from './truth.ts';

/** How things stood when a command's frame reached the house. */
export interface Arrival {
  readonly moment: number;
  readonly epoch: number;
  /** By the authority's own clock. */
  readonly time: number;
  /** When its lot was to close, by what was durable then. */
  readonly closesAt: number | undefined;
  /** Whether its id was durable already. */
  readonly recorded:
    | { readonly position: number; readonly lot: string; readonly signer: string | undefined }
    | undefined;
}

export interface Answering {
  readonly sent: SentCommand;
  readonly arrival: Arrival;
  readonly answer: Answered;
  readonly now: { readonly moment: number; readonly epoch: number };
  readonly isShared: boolean;
  readonly truth: Truth;
}

const MAX_AGE_MS = 3_000;
const GRACE_MS = 3_000;
/** How far the house's trusted time can be from the authority's own: half of the longest way, and the drift. */
const TIME_IS_WRONG_BY_MS = 1_400;
/** So long another node waits for what arrived in time here. */
const FOR_OTHER_NODES_MS = 1_000;

/** The rule that an answer breaks. */
export function wrongAnswer(answering: Answering): string | undefined {
  const { answer, arrival, sent, truth } = answering;
  const recorded = truth.byId(sent.claims.id);
  if (answer.outcome === 'accepted') {
    if (recorded?.position !== answer.position) return 'what is acknowledged is recorded there';
    if (recorded.signer !== sent.subject) return 'an id is answered to its own signer';
    const age = arrival.time - sent.stamp.at;
    const isNew = arrival.recorded === undefined && arrival.epoch === sent.stamp.epoch;
    if (isNew && age > MAX_AGE_MS + TIME_IS_WRONG_BY_MS) return 'no stamp that was held back is accepted';
    return undefined;
  }
  if (answer.outcome === 'rejected' && arrival.recorded?.signer === sent.subject)
    return 'a repeated id gets the original answer';
  if (answer.outcome === 'refused') return wrongRefusal(answering, answer.code);
  return wrongRejection(answering, answer.reason);
}

function wrongRefusal({ arrival, sent, truth, now }: Answering, code: string): string | undefined {
  if (code === 'id-in-use' && truth.byId(sent.claims.id)?.signer === sent.subject)
    return 'a repeated id gets the original answer';
  const isSameEpoch = sent.stamp.epoch === now.epoch;
  const age = arrival.time - sent.stamp.at;
  if (code === 'timestamp-stale' && isSameEpoch && age < MAX_AGE_MS - TIME_IS_WRONG_BY_MS)
    return 'no fresh stamp is refused as stale';
  return undefined;
}

/** Of each reason to say no to a bid on a lot that there is, whether it is true. */
const IS_TRUE: { readonly [reason: string]: (answering: Answering, lot: KnownLot) => boolean } = {
  'lot-not-found': ({ arrival }) => arrival.closesAt === undefined,
  'lot-closed': (_answering, lot) => lot.closed !== undefined,
  'bidder-is-seller': ({ sent }, lot) => sent.subject === lot.seller,
  'timestamp-before-listing': ({ sent }, lot) => isBefore(sent.stamp, lot),
  'timestamp-after-closing': ({ sent, arrival }) => sent.stamp.at >= (arrival.closesAt ?? 0),
  'bid-below-starting-price': ({ sent }, lot) => amountOf(sent) < lot.terms.startingPrice,
  'bid-below-increment': ({ sent, truth }, lot) => isBeaten(sent, lot, truth),
  'tie-lost': ({ sent, truth }, lot) => isBeaten(sent, lot, truth),
};

function wrongRejection(answering: Answering, reason: string): string | undefined {
  const { claims } = answering.sent;
  const lot = claims.type === 'bid' ? answering.truth.lots.get(claims.lot) : undefined;
  if (lot === undefined) return undefined;
  if (IS_TRUE[reason]?.(answering, lot) === false) return 'a reason to say no is true';
  const isLate = reason === 'lot-closed' && isLost(answering, lot);
  return isLate ? 'a bid stamped in time and brought in time counts' : undefined;
}

/** A closing that came too soon for this bid. While the clock is set, nobody can promise anything. */
function isLost({ arrival, sent, now, isShared }: Answering, lot: KnownLot): boolean {
  const { at, epoch } = sent.stamp;
  if (epoch !== now.epoch || epoch !== lot.closed?.epoch) return false;
  if (arrival.closesAt === undefined || at >= arrival.closesAt) return false;
  if (lot.closed.at < arrival.closesAt + GRACE_MS) return true;
  const isInTime = arrival.time <= at + MAX_AGE_MS;
  return isInTime && (!isShared || now.moment - arrival.moment < FOR_OTHER_NODES_MS);
}

/** Whether a bid that was told is greater, or leaves too little above it. */
function isBeaten(sent: SentCommand, lot: KnownLot, truth: Truth): boolean {
  const leader = best(truth.told(lot, truth.position));
  if (leader === undefined) return false;
  const amount = amountOf(sent);
  if (amount === leader.amount) return isBefore(leader, sent.stamp);
  return amount < leader.amount + lot.terms.increment;
}

function isBefore(one: Stamped, other: Stamped): boolean {
  return one.at === other.at ? one.serial < other.serial : one.at < other.at;
}

function amountOf({ claims }: SentCommand): number {
  return claims.type === 'bid' ? claims.amount : 0;
}

interface Stamped {
  readonly at: number;
  readonly serial: number;
}
