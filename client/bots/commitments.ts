/** What a bot is bound to pay, or may be: every bid that it sent, until it is certain that the bid can't win. Pure. */
import type { Amount, CommandId, LotId } from '../../shared/wire/vocabulary.ts';
import type { LotModel, Model, OwnBid } from '../store/model.ts';
import type { Answered, Bidding } from './decision.ts';

/** A bid that was sent. One that nobody answered counts as one that was recorded. */
interface SentBid {
  readonly id: CommandId;
  readonly lot: LotId;
  readonly amount: Amount;
  position?: number;
}

export class Commitments {
  readonly #lots = new Map<LotId, Map<CommandId, SentBid>>();
  readonly #byId = new Map<CommandId, SentBid>();

  /** From before a bid is sent. */
  reserve({ id, lot, amount }: Pick<Bidding, 'id' | 'lot' | 'amount'>): void {
    const bid: SentBid = { id, lot, amount };
    this.#byId.set(id, bid);
    const onLot = this.#lots.get(lot) ?? new Map<CommandId, SentBid>();
    this.#lots.set(lot, onLot.set(id, bid));
  }

  /** A bid binds nobody that the rules rejected, or that never left. Every other answer leaves it where it is. */
  settle({ id, outcome, position }: Pick<Answered, 'id' | 'outcome' | 'position'>): void {
    const bid = this.#byId.get(id);
    if (bid === undefined) return;
    if (position !== undefined) bid.position = position;
    if (outcome !== 'rejected' && outcome !== 'not-sent') return;
    this.#byId.delete(id);
    this.#lots.get(bid.lot)?.delete(id);
  }

  /** Lots on which this bot has bid. */
  get lots(): IterableIterator<LotId> {
    return this.#lots.keys();
  }

  /** The bids on a lot that the house recorded. */
  recordedOn(lot: LotId): OwnBid[] {
    return [...(this.#lots.get(lot)?.values() ?? [])].flatMap(({ position, amount }) =>
      position === undefined ? [] : [{ position: position as OwnBid['position'], amount }],
    );
  }

  /** What is bound by one lot. */
  on(id: LotId, model: Model): number {
    const bids = [...(this.#lots.get(id)?.values() ?? [])];
    if (bids.length === 0) return 0;
    const best = Math.max(...bids.map(({ amount }) => amount));
    const lot = model.lots.get(id);
    if (lot === undefined) return best;
    return lot.status === 'open' ? boundByOpenLot(best, lot) : boundByClosedLot(bids, lot);
  }

  /** What is bound in all: won, led with, or not known yet. `except` leaves one lot out. */
  total(model: Model, except?: LotId): number {
    return [...this.#lots.keys()].filter((lot) => lot !== except).reduce((sum, lot) => sum + this.on(lot, model), 0);
  }

  /** Whether a lot that is over is ours to pay. */
  hasWon(lot: LotModel): boolean {
    return boundByClosedLot([...(this.#lots.get(lot.lot)?.values() ?? [])], lot) > 0;
  }
}

/** The hammer falls at the greatest bid or above it: what is less can't win any more. At the same amount it may, by the earlier stamp. */
function boundByOpenLot(best: number, { leading }: LotModel): number {
  return leading !== undefined && best < leading.amount ? 0 : best;
}

function boundByClosedLot(bids: readonly SentBid[], { status, hammerPrice, leading, role }: LotModel): number {
  if (status !== 'sold') return 0;
  if (hammerPrice === undefined) return Math.max(0, ...bids.map(({ amount }) => amount));
  // Of two bids of the same amount the one that leads is known by its position, unless only the amount was heard of.
  const isOthers = ({ position }: SentBid) =>
    position !== undefined && leading?.position !== undefined && leading.position !== position;
  const isOurs = role === 'winner' || bids.some((bid) => bid.amount === hammerPrice && !isOthers(bid));
  return isOurs && bids.some(({ amount }) => amount === hammerPrice) ? hammerPrice : 0;
}
