/** A client that sends nothing: bids on paper, filled as they would have been against what is announced. */

import type { RejectionReason } from '../../shared/wire/commands.ts';
import type { Amount, CommandId, Instant, Position } from '../../shared/wire/vocabulary.ts';
import type { AuctionClient } from '../auction-client.ts';
import type { AuctionClientEvents } from '../client-events.ts';
import type { CommandResult } from '../client-options.ts';
import type { Unsubscribe } from '../event-hub.ts';
import type { LotModel, Model } from '../store/model.ts';
import { bestOwnBid, findLot, nextValidBid } from '../store/select.ts';
import { type BotClient, withOwnBids } from './bot-client.ts';
import type { Commitments } from './commitments.ts';

/**
 * The lots are those of the house, with the paper bids among the others: one leads until somebody really bids more, and
 * wins where nobody does. What others would have done about it nobody knows, nor does it move a soft closing.
 */
export class PaperClient implements BotClient {
  readonly #client: BotClient;
  readonly #bids: Commitments;
  #position: number;

  /** `bids` holds the paper bids of earlier runs; the desk adds those of this one. */
  constructor(client: BotClient, bids: Commitments) {
    this.#client = client;
    this.#bids = bids;
    const earlier = [...bids.lots].flatMap((lot) => bids.recordedOn(lot).map(({ position }) => position));
    this.#position = Math.min(0, ...earlier);
  }

  get model(): Model {
    const { model } = this.#client;
    const lots = new Map(model.lots);
    for (const id of this.#bids.lots) {
      const lot = lots.get(id);
      if (lot !== undefined) lots.set(id, onPaper(lot, this.#bids));
    }
    return { ...model, lots };
  }

  get isUp(): boolean {
    return this.#client.isUp;
  }

  get house(): AuctionClient['house'] {
    return this.#client.house;
  }

  time(): ReturnType<AuctionClient['time']> {
    return this.#client.time();
  }

  newCommandId(): CommandId {
    return this.#client.newCommandId();
  }

  on<Name extends keyof AuctionClientEvents>(
    name: Name,
    listener: (event: AuctionClientEvents[Name]) => void,
  ): Unsubscribe {
    return this.#client.on(name, listener);
  }

  async bid({
    lot: reference,
    amount,
    id = this.newCommandId(),
  }: Parameters<AuctionClient['bid']>[0]): Promise<CommandResult> {
    const lot = findLot(this.model, reference);
    const reason = lot === undefined ? 'lot-not-found' : rejection(lot, amount, this.time().at);
    if (lot === undefined || reason !== undefined)
      return { outcome: 'rejected', reason: reason ?? 'lot-not-found', id };
    // Below every position of the house, so that no announcement is taken for it.
    this.#position -= 1;
    return { outcome: 'accepted', id, lot: lot.lot, number: lot.number, position: this.#position as Position };
  }

  async list(_terms: unknown, { id = this.newCommandId() }: { readonly id?: CommandId } = {}): Promise<CommandResult> {
    // The limits let no listing through on paper; a house that no listing reached has no such lot.
    return { outcome: 'rejected', reason: 'lot-not-found', id };
  }
}

/** The rules that a bid could break, as far as they can be judged from here. */
function rejection(lot: LotModel, amount: Amount, now: Instant): RejectionReason | undefined {
  if (lot.status !== 'open') return 'lot-closed';
  if (lot.mine) return 'bidder-is-seller';
  if (now >= lot.closesAt) return 'timestamp-after-closing';
  if (amount >= nextValidBid(lot)) return undefined;
  return lot.leading === undefined ? 'bid-below-starting-price' : 'bid-below-increment';
}

function onPaper(real: LotModel, bids: Commitments): LotModel {
  const own = bids.recordedOn(real.lot);
  const lot = withOwnBids(real, own);
  const best = bestOwnBid({ ...lot, ownBids: own });
  if (best === undefined || best < (real.leading?.amount ?? 0)) return lot;
  const leading = { amount: best, ...own.find(({ amount }) => amount === best) };
  return { ...lot, leading, ...(lot.status === 'open' ? {} : { status: 'sold', hammerPrice: best }) };
}
