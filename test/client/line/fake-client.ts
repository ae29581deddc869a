/** A client whose answers the test decides: for the protocol of line mode, where no house is needed. */
import type { AuctionClient } from '../../../client/auction-client.ts';
import { ClientError } from '../../../client/client-error.ts';
import type { AuctionClientEvents } from '../../../client/client-events.ts';
import type { PerformClient } from '../../../client/commands/perform.ts';
import { EventHub } from '../../../client/event-hub.ts';
import type { HeardClient } from '../../../client/line/narrator.ts';
import { EMPTY_MODEL, type Model } from '../../../client/store/model.ts';
import { findLot, lotsWithOwnBids } from '../../../client/store/select.ts';
import { type Message, update } from '../../../client/store/update.ts';
import type { Amount, Instant, LotId, Position } from '../../../shared/wire/vocabulary.ts';
import { lotId, T0, uuid } from '../lots.ts';

export type FakeClient = PerformClient &
  HeardClient &
  Pick<AuctionClient, 'isUp'> & {
    readonly hub: EventHub<AuctionClientEvents>;
    now: number;
    model: Model;
    tell(message: Message): void;
  };

export function fakeClient(answers: Partial<PerformClient> = {}): FakeClient {
  const hub = new EventHub<AuctionClientEvents>();
  let ids = 100;
  const client: FakeClient = {
    hub,
    now: T0,
    // Its home has bid before: what a first bid means is said no more.
    model: { ...EMPTY_MODEL, earlierBids: new Map([[lotId(99), [{ position: 1 as Position, amount: 1 as Amount }]]]) },
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
    newCommandId: () => uuid(++ids) as ReturnType<PerformClient['newCommandId']>,
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
    myBids: () => lotsWithOwnBids(client.model),
    lotHistory: async (reference) => {
      const lot = findLot(client.model, reference);
      return lot === undefined ? undefined : { lot, bids: [], isWhole: true };
    },
    watch: async (lot) => {
      const watched = new Set(client.model.watched);
      if (!watched.delete(lot)) watched.add(lot);
      client.tell({ type: 'watched', lots: watched });
    },
    receipts: async () => [],
    verify: () => Promise.reject(new ClientError('too-slow')),
    identity: () => ({
      username: 'ann',
      subject: client.subject,
      keyFingerprint: '0f',
      certificate: { serial: '0a', notBefore: T0, notAfter: T0 },
      root: '0b',
      house: client.house,
      dmsUrl: 'https://localhost:1',
      trustedServiceUrl: 'https://localhost:2',
      home: '/home/ann',
    }),
    setTime: () => Promise.reject(new ClientError('operator-token-missing')),
    resetTime: () => Promise.reject(new ClientError('operator-token-missing')),
    ...answers,
  };
  return client;
}
