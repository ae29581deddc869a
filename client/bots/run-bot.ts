/** Lets a strategy bid: looks at every open lot whenever something changes, and holds the strategy to its limit. */
import { adviceForRejection } from '../../shared/wire/commands.ts';
import type { Amount, LotId } from '../../shared/wire/vocabulary.ts';
import type { AuctionClient } from '../auction-client.ts';
import type { LotReference } from '../commands/intent.ts';
import { delay } from '../connection/back-off.ts';
import type { Face } from '../line/fact.ts';
import { complaintOf, complaintType } from '../line/facts-of.ts';
import type { LotModel } from '../store/model.ts';
import { findLot, isLeading, nextValidBid, timeLeftMs } from '../store/select.ts';
import type { Sight, Strategy } from './strategy.ts';

/** The part of a client that a bot uses. */
export type BotClient = Pick<AuctionClient, 'bid' | 'model' | 'time' | 'isUp'>;

export interface BotParts {
  readonly client: BotClient;
  readonly strategy: Strategy;
  /** The most to bid on a lot; `undefined` leaves the lot alone. */
  readonly limit: (lot: LotModel) => Amount | undefined;
  /** Bid on this lot alone. */
  readonly only?: LotReference | undefined;
  /** Hears how each bid was answered. */
  readonly face: Face;
  readonly signal: AbortSignal;
}

/** How often a bot looks: a lot's last seconds are worth a few looks each. */
const LOOK_MS = 100;

/**
 * Runs until `signal`, or until the one lot it bids on is closed. A bid that was not accepted is not tried again before
 * the lot has changed. Throws what is a mistake of ours, or of the strategy.
 */
export async function runBot(parts: BotParts): Promise<void> {
  const { client, signal, only } = parts;
  const desk = new BiddingDesk(parts);
  while (!signal.aborted) {
    for (const lot of lotsToLookAt(parts)) desk.consider(lot);
    if (only !== undefined && isOver(client, only)) break;
    await Promise.race([delay(LOOK_MS, signal), desk.broken]);
  }
}

/** One bid at a time for each lot. */
class BiddingDesk {
  readonly #parts: BotParts;
  readonly #broken = Promise.withResolvers<never>();
  readonly #underWay = new Set<LotId>();
  /** The lots as they were when a bid on them was not accepted. */
  readonly #refused = new Map<LotId, LotModel>();

  constructor(parts: BotParts) {
    this.#parts = parts;
    // Nobody may be waiting for it when it happens.
    this.#broken.promise.catch(() => undefined);
  }

  /** Rejects with a mistake of ours, or of the strategy. */
  get broken(): Promise<never> {
    return this.#broken.promise;
  }

  consider(lot: LotModel): void {
    if (this.#underWay.has(lot.lot) || this.#refused.get(lot.lot) === lot) return;
    const amount = decide(this.#parts, lot);
    if (amount === undefined) return;
    this.#underWay.add(lot.lot);
    place(this.#parts, lot, amount)
      .then((accepted) => {
        if (accepted) this.#refused.delete(lot.lot);
        else this.#refused.set(lot.lot, lot);
      }, this.#broken.reject)
      .finally(() => this.#underWay.delete(lot.lot));
  }
}

/** Whether a bot that bids on one lot alone has nothing left to do. */
function isOver(client: BotClient, only: LotReference): boolean {
  const lot = findLot(client.model, only);
  return lot !== undefined && lot.status !== 'open';
}

function lotsToLookAt({ client, only }: BotParts): LotModel[] {
  if (!client.isUp) return [];
  if (only === undefined) return [...client.model.lots.values()];
  const lot = findLot(client.model, only);
  return lot === undefined ? [] : [lot];
}

/** What to bid now. A strategy that goes beyond its limit, or below what the house takes, is not obeyed. */
function decide({ client, strategy, limit }: BotParts, lot: LotModel): Amount | undefined {
  const now = client.time().at;
  const most = limit(lot);
  const leftMs = timeLeftMs(lot, now);
  if (lot.mine || leftMs === 0 || most === undefined) return undefined;
  const { startingPrice, increment } = lot.terms;
  const nextValid = nextValidBid(lot);
  const sight: Sight = {
    now,
    leftMs,
    startingPrice,
    increment,
    bids: lot.bids,
    ...(lot.leading === undefined ? {} : { leadingAmount: lot.leading.amount }),
    isLeading: isLeading(lot),
    ownBids: lot.ownBids.length,
    nextValid,
    limit: most,
  };
  const move = strategy(sight);
  return move === undefined || move.bid > most || move.bid < nextValid ? undefined : move.bid;
}

/** Whether the bid was accepted. */
async function place({ client, face }: BotParts, lot: LotModel, amount: Amount): Promise<boolean> {
  try {
    const result = await client.bid({ lot: lot.lot, amount });
    const { title, currency } = lot.terms;
    const about = { lot: lot.lot, number: lot.number, title, currency, amount };
    const head = { command: 'bid', commandId: result.id, ...about } as const;
    if (result.outcome === 'accepted') {
      face.tell({ type: 'accepted', data: { ...head, position: result.position } });
      return true;
    }
    const { reason } = result;
    face.tell({ type: 'rejected', data: { ...head, reason, advice: adviceForRejection(reason) } });
  } catch (error) {
    const complaint = complaintOf(error);
    if (complaint === undefined) throw error;
    face.tell({ type: complaintType(error), data: { ...complaint, lot: lot.lot } });
  }
  return false;
}
