/** The part of a client that a bot uses, and the lots as the bot has to see them: with its own bids of earlier runs. */
import type { AuctionClient } from '../auction-client.ts';
import type { LotModel, OwnBid } from '../store/model.ts';

export type BotClient = Pick<
  AuctionClient,
  'bid' | 'list' | 'model' | 'time' | 'isUp' | 'house' | 'newCommandId' | 'on'
>;

/** A lot with bids of ours that this run of the client has not made itself. */
export function withOwnBids(lot: LotModel, bids: readonly OwnBid[]): LotModel {
  const known = new Set(lot.ownBids.map(({ position }) => position));
  const more = bids.filter(({ position }) => !known.has(position));
  return more.length === 0 ? lot : { ...lot, ownBids: [...lot.ownBids, ...more] };
}
