/** A house of a few lots for tests of bots: it knows the truth, tells it late, and answers as badly as it is asked to. */

import type { BotClient } from '../../../client/bots/bot-client.ts';
import type { AuctionClientEvents } from '../../../client/client-events.ts';
import type { CommandResult } from '../../../client/client-options.ts';
import { EventHub } from '../../../client/event-hub.ts';
import { OutcomeUnknown } from '../../../client/send-command.ts';
import { EMPTY_MODEL, type Model } from '../../../client/store/model.ts';
import { update } from '../../../client/store/update.ts';
import { ProtocolError } from '../../../shared/errors.ts';
import type { RejectionReason } from '../../../shared/wire/commands.ts';
import type { Amount, CommandId, HouseId, Instant, LotId, Position } from '../../../shared/wire/vocabulary.ts';
import { bid, catalogueLot, sold, T0, uuid } from '../lots.ts';

/** How the next command ends. `lost` is recorded, `unsent` is not, and to the client both look alike; `hangs` is never answered. */
export type Manner = 'honest' | 'lost' | 'unsent' | 'away' | 'refused' | 'hangs' | 'hangs-recorded';

interface ToyBid {
  readonly id: string;
  readonly by: 'bot' | 'other';
  readonly amount: number;
  readonly position: number;
}

interface ToyLot {
  readonly lot: LotId;
  readonly mine: boolean;
  readonly bids: ToyBid[];
  isOpen: boolean;
}

type Told = ReturnType<typeof bid> | ReturnType<typeof sold>;

export const TOY_HOUSE = uuid(99) as HouseId;

export class ToyHouse {
  readonly lots: ToyLot[];
  /** Every envelope that arrived, with the moment. */
  readonly arrived: { readonly id: string; readonly lot: LotId; readonly amount: number; readonly at: number }[] = [];
  readonly hub = new EventHub<AuctionClientEvents>();
  manner: Manner = 'honest';
  isUp = true;
  monotonic = 1_000;
  model: Model = EMPTY_MODEL;
  #offset = T0 as number;
  #epoch = 1;
  #position = 10;
  #ids = 1_000;
  #untold: Told[] = [];

  /** `mine` are the numbers of the lots that the bot's owner offers. */
  constructor(count: number, mine: readonly number[] = []) {
    const lots = Array.from({ length: count }, (_, index) => catalogueLot(index + 1));
    this.lots = lots.map(({ lot, number }) => ({ lot, mine: mine.includes(number), bids: [], isOpen: true }));
    this.model = update(this.model, { type: 'catalogue', lots });
    const offered = this.lots.filter((lot) => lot.mine).map(({ lot }) => lot);
    this.model = update(this.model, { type: 'my-lots', lots: offered });
  }

  /** A client as a bot gets it. */
  connect(): BotClient {
    const house = this;
    return {
      get model() {
        return house.model;
      },
      get isUp() {
        return house.isUp;
      },
      house: TOY_HOUSE,
      time: () => ({
        at: Math.round(house.monotonic + house.#offset) as Instant,
        simulated: true,
        epoch: house.#epoch,
      }),
      newCommandId: () => uuid(++house.#ids) as CommandId,
      on: (name, listener) => house.hub.on(name, listener),
      bid: ({ lot, amount, id }) => house.#answer(lot as LotId, amount, id!),
      list: async (_terms, options) => {
        const id = options?.id ?? (uuid(++house.#ids) as CommandId);
        house.arrived.push({ id, lot: id as string as LotId, amount: 0, at: house.monotonic });
        return { outcome: 'accepted', id, lot: id as string as LotId, number: 99, position: house.#next() };
      },
    };
  }

  get clock(): { monotonic(): number } {
    return { monotonic: () => this.monotonic };
  }

  /** A client that was started again knows no bid of its own. */
  forget(): void {
    const lots = new Map([...this.model.lots].map(([id, lot]) => [id, { ...lot, ownBids: [] }]));
    this.model = { ...this.model, lots };
  }

  setClock(byMs: number): void {
    this.#offset += byMs;
    this.#epoch += 1;
  }

  otherBids(number: number, raise: number): void {
    const lot = this.lots[number - 1]!;
    const leading = this.leading(lot);
    const amount = leading === undefined ? 10_000 : leading.amount + 500 + raise;
    if (lot.isOpen) this.#record(lot, { id: uuid(++this.#ids), by: 'other', amount });
  }

  close(number: number): void {
    const lot = this.lots[number - 1]!;
    if (!lot.isOpen) return;
    lot.isOpen = false;
    const leading = this.leading(lot);
    const said = sold(this.#next(), number, leading?.amount ?? 1);
    const { hammerPrice: _price, pseudonym: _pseudonym, ...rest } = said;
    this.#untold.push(leading === undefined ? { ...rest, outcome: 'unsold' } : said);
  }

  /** Tells what is not told yet. */
  tellAll(): void {
    const announcements = this.#untold;
    this.#untold = [];
    this.model = update(this.model, { type: 'announced', position: this.#position as Position, announcements });
    for (const announcement of announcements) this.hub.emit('announcement', announcement);
  }

  leading({ bids }: ToyLot): ToyBid | undefined {
    return bids.toSorted((one, other) => other.amount - one.amount || one.position - other.position)[0];
  }

  /** What the bot has to pay if everything ends now. */
  exposure(): number {
    const led = this.lots.map((lot) => this.leading(lot)).filter((leading) => leading?.by === 'bot');
    return led.reduce((sum, leading) => sum + leading!.amount, 0);
  }

  #answer(id: LotId, amount: Amount, command: CommandId): Promise<CommandResult> {
    const { manner } = this;
    if (manner === 'away') return Promise.reject(new ProtocolError('dms-unreachable'));
    this.arrived.push({ id: command, lot: id, amount, at: this.monotonic });
    if (manner === 'refused') return Promise.reject(new ProtocolError('not-enrolled'));
    const answer = manner === 'unsent' || manner === 'hangs' ? undefined : this.#judge(id, amount, command);
    if (manner.startsWith('hangs')) return new Promise(() => undefined);
    if (manner !== 'honest' || answer === undefined) return Promise.reject(new OutcomeUnknown(command));
    if (answer.outcome === 'accepted') {
      this.model = update(this.model, { type: 'bid-accepted', lot: id, position: answer.position, amount });
    }
    return Promise.resolve(answer);
  }

  #judge(id: LotId, amount: Amount, command: CommandId): CommandResult {
    const number = this.lots.findIndex(({ lot }) => lot === id) + 1;
    const lot = this.lots[number - 1]!;
    const before = lot.bids.find((recorded) => recorded.id === command);
    const reason = before === undefined ? this.#rejection(lot, amount) : undefined;
    if (reason !== undefined) return { outcome: 'rejected', reason, id: command };
    const { position } = before ?? this.#record(lot, { id: command, by: 'bot', amount });
    return { outcome: 'accepted', id: command, lot: id, number, position: position as Position };
  }

  #rejection(lot: ToyLot, amount: number): RejectionReason | undefined {
    if (!lot.isOpen) return 'lot-closed';
    if (lot.mine) return 'bidder-is-seller';
    const leading = this.leading(lot);
    if (leading === undefined) return amount < 10_000 ? 'bid-below-starting-price' : undefined;
    return amount < leading.amount + 500 ? 'bid-below-increment' : undefined;
  }

  #record(lot: ToyLot, { id, by, amount }: Omit<ToyBid, 'position'>): ToyBid {
    const recorded = { id, by, amount, position: this.#next() };
    lot.bids.push(recorded);
    const number = this.lots.indexOf(lot) + 1;
    this.#untold.push(bid(recorded.position, number, amount, { bids: lot.bids.length }));
    return recorded;
  }

  #next(): Position {
    this.#position += 1;
    return this.#position as Position;
  }
}
