/** A client whose answers the test decides: for the protocol of line mode, where no house is needed. */
import type { AuctionClient } from '../../../client/auction-client.ts';
import type { AuctionClientEvents } from '../../../client/client-events.ts';
import { EventHub } from '../../../client/event-hub.ts';
import type { LineClient } from '../../../client/line/answer.ts';
import type { HeardClient } from '../../../client/line/narrator.ts';
import { EMPTY_MODEL, type Model } from '../../../client/store/model.ts';
import { findLot } from '../../../client/store/select.ts';
import { type Message, update } from '../../../client/store/update.ts';
import type { Instant, LotId, Position } from '../../../shared/wire/vocabulary.ts';
import { T0, uuid } from '../lots.ts';

export type FakeClient = LineClient &
  HeardClient &
  Pick<AuctionClient, 'isUp'> & {
    readonly hub: EventHub<AuctionClientEvents>;
    now: number;
    model: Model;
    tell(message: Message): void;
  };

export function fakeClient(answers: Partial<LineClient> = {}): FakeClient {
  const hub = new EventHub<AuctionClientEvents>();
  let ids = 100;
  const client: FakeClient = {
    hub,
    now: T0,
    model: EMPTY_MODEL,
    isUp: true,
    username: 'ann',
    subject: 'the-subject' as AuctionClient['subject'],
    house: uuid(99) as AuctionClient['house'],
    get position() {
      return client.model.position;
    },
    tell: (message) => {
      client.model = update(client.model, message);
    },
    on: (name, listener) => hub.on(name, listener),
    time: () => ({ at: client.now as Instant, simulated: true, epoch: 3 }),
    newCommandId: () => uuid(++ids) as ReturnType<LineClient['newCommandId']>,
    findLot: async (reference) => findLot(client.model, reference),
    list: async (_terms, options) => ({
      outcome: 'accepted',
      id: options?.id ?? client.newCommandId(),
      position: 1 as Position,
      lot: uuid(1) as LotId,
      number: 1,
    }),
    bid: async ({ id }) => ({
      outcome: 'accepted',
      id: id ?? client.newCommandId(),
      position: 2 as Position,
      lot: uuid(1) as LotId,
      number: 1,
    }),
    allItems: async () => ({ position: client.position, lots: [] }),
    myItems: async () => ({ position: client.position, lots: [] }),
    ...answers,
  };
  return client;
}
