/** The house as the observer of a soak sees it. */
import type { Board, BoardLot } from '../../bench/workload/orders.ts';
import type { AuctionClient } from '../../client/auction-client.ts';
import type { LotModel } from '../../client/store/model.ts';
import type { LotId } from '../../shared/wire/vocabulary.ts';

/** Ended lots that still get bids. */
const ENDED = 50;

export class ObservedBoard implements Board {
  readonly #observer: AuctionClient;

  constructor(observer: AuctionClient) {
    this.#observer = observer;
  }

  now(): number {
    return this.#observer.time().at;
  }

  open(): BoardLot[] {
    const now = this.now();
    return this.#lots(({ status, closesAt }) => status === 'open' && closesAt > now);
  }

  ended(): BoardLot[] {
    return this.#lots(({ status }) => status !== 'open').slice(-ENDED);
  }

  has(lot: string): boolean {
    return this.#observer.model.lots.has(lot as LotId);
  }

  #lots(fits: (lot: LotModel) => boolean): BoardLot[] {
    const lots = [...this.#observer.model.lots.values()].filter(fits);
    return lots.map(({ lot, listedAt, closesAt, terms, leading }) => ({
      ...{ lot, listedAt, closesAt },
      startingPrice: terms.startingPrice,
      leadingAmount: leading?.amount,
    }));
  }
}
