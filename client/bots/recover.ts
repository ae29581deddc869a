/** What earlier runs of a bot did: from its journal, and from the receipts of its home. */
import { parseJws } from '../../shared/crypto/jws.ts';
import { CommandStatement } from '../../shared/wire/commands.ts';
import type { CommandId, HouseId, LotId } from '../../shared/wire/vocabulary.ts';
import type { KeptReceipt } from '../proof/proof-store.ts';
import type { OwnBid } from '../store/model.ts';
import type { TrustedTime } from '../trusted-clock.ts';
import { Commitments } from './commitments.ts';
import type { Bidding, Decision, Listing } from './decision.ts';

/** Where a bot begins. */
export interface Recovered {
  readonly commitments: Commitments;
  /** Commands of which nobody knows how they ended: to be repeated under their ids. */
  readonly unanswered: ReadonlyMap<CommandId, Bidding | Listing>;
  /** How long ago the commands of the last minute were sent, as far as anybody can tell; the oldest first. */
  readonly agesMs: readonly number[];
  /**
   * Every bid of this home that the house recorded, by bots or by hand. The client's model gets them too, but where
   * there are many only after it has connected, and no bot may bid before they are known.
   */
  readonly ownBids: ReadonlyMap<LotId, readonly OwnBid[]>;
}

/** Of one house alone. A receipt answers what the journal was not told any more; on paper nothing is left to ask for. */
export function recover(
  kept: readonly Decision[],
  receipts: readonly KeptReceipt[],
  { house, now, isPaper }: { readonly house: HouseId; readonly now: TrustedTime; readonly isPaper: boolean },
): Recovered {
  const commitments = new Commitments();
  const { sent, unanswered } = replay(kept, house, commitments);
  if (isPaper) {
    for (const id of unanswered.keys()) commitments.settle({ id, outcome: 'not-sent' });
    unanswered.clear();
  }
  const ownBids = new Map<LotId, OwnBid[]>();
  for (const { statement, position } of receipts) {
    const { claims } = parseJws(statement, 'command+jwt', CommandStatement);
    if (claims.aud !== house) continue;
    unanswered.delete(claims.id);
    if (claims.type !== 'bid') continue;
    commitments.settle({ id: claims.id, outcome: 'accepted', position });
    ownBids.set(claims.lot, [...(ownBids.get(claims.lot) ?? []), { position, amount: claims.amount }]);
  }
  return { commitments, unanswered, ownBids, agesMs: sent.map((command) => ageOf(command, now)) };
}

/** The commands of a journal, each with its answer. */
function replay(kept: readonly Decision[], house: HouseId, commitments: Commitments) {
  const unanswered = new Map<CommandId, Bidding | Listing>();
  const sent: (Bidding | Listing)[] = [];
  for (const decision of kept) {
    if (decision.type === 'answered') {
      commitments.settle(decision);
      if (decision.outcome !== 'unknown') unanswered.delete(decision.id);
    }
    const isCommand = decision.type === 'bidding' || decision.type === 'listing';
    if (!isCommand || decision.house !== house) continue;
    if (decision.type === 'bidding') commitments.reserve(decision);
    unanswered.set(decision.id, decision);
    sent.push(decision);
  }
  return { sent, unanswered };
}

/** Time that somebody set in between says nothing about what passed: then it may have been this moment. */
function ageOf({ at, epoch }: Bidding | Listing, now: TrustedTime): number {
  return epoch === now.epoch ? Math.max(0, now.at - at) : 0;
}
