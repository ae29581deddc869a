/** Announced bids and their proofs: what a bid changes at once, and what is taken back when its proof fails. Pure. */
import type { SomeoneBid } from '../../shared/wire/announcements.ts';
import type { Instant } from '../../shared/wire/vocabulary.ts';
import type { LeadingBid, LotModel, ProofOutcome, Standings } from './model.ts';

/** More bids than are announced in the seconds that a proof takes; of older ones the proof is no more awaited. */
const MAX_AWAITED = 256;

/** Bids of the last seconds are told late and all at once, so an announced bid need not lead. */
export function withBid(before: LotModel, bid: SomeoneBid): LotModel {
  return { ...before, ...afterBid(before, bid) };
}

/** The same, for a bid whose proof is awaited: it can be taken back. */
export function withAwaitedBid(lot: LotModel, bid: SomeoneBid): LotModel {
  const { before, bids } = lot.awaited ?? { before: standingsOf(lot), bids: [] };
  const awaited = [...bids, bid];
  const overdue = awaited.length > MAX_AWAITED ? awaited.shift() : undefined;
  return {
    ...withBid(lot, bid),
    awaited: { before: overdue === undefined ? before : afterBid(before, overdue), bids: awaited },
  };
}

/** What the proof of the bid at this position makes of the lot. */
export function withBidProof(lot: LotModel, position: number, outcome: ProofOutcome): LotModel {
  const marked: LotModel = outcome === 'failed' ? { ...lot, unproven: true } : lot;
  const bid = lot.awaited?.bids.find((one) => one.position === position);
  if (lot.awaited === undefined || bid === undefined) return marked;
  const before = outcome === 'verified' ? afterBid(lot.awaited.before, bid, outcome) : lot.awaited.before;
  const bids = lot.awaited.bids.filter((one) => one !== bid);
  const { leading: _leading, awaited: _awaited, ...rest } = marked;
  const now = bids.reduce((standings, one) => afterBid(standings, one), before);
  return { ...rest, ...now, ...(bids.length > 0 && { awaited: { before, bids } }) };
}

function standingsOf({ leading, bids, closesAt }: LotModel): Standings {
  return { ...(leading && { leading }), bids, closesAt };
}

function afterBid(before: Standings, bid: SomeoneBid, proof?: ProofOutcome): Standings {
  const { amount, at, position } = bid;
  const leading = outbids(bid, before.leading) ? { amount, at, position, ...(proof && { proof }) } : before.leading;
  return {
    ...(leading && { leading }),
    bids: Math.max(before.bids, bid.bids),
    closesAt: Math.max(before.closesAt, bid.closesAt) as Instant,
  };
}

/** By amount, then by the earlier time. At one and the same time the later announced was accepted because it was first. */
function outbids(bid: SomeoneBid, leading: LeadingBid | undefined): boolean {
  if (leading === undefined || bid.amount !== leading.amount) return bid.amount > (leading?.amount ?? 0);
  return leading.at !== undefined && bid.at <= leading.at;
}
