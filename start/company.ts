/** Company for a person at a terminal: some who sell and some who bid, for as long as the evening lasts, and after every journey in time. */
import type { AuctionClient } from '../client/auction-client.ts';
import { ClientError } from '../client/client-error.ts';
import { delay } from '../client/connection/back-off.ts';
import { ProtocolError } from '../shared/errors.ts';
import type { LotId } from '../shared/wire/vocabulary.ts';
import { Chance } from './chance.ts';
import type { House } from './house.ts';
import { LivelySeller, type LotIdea } from './lively-seller.ts';
import { chooseBid } from './next-bid.ts';
import { demand } from './start-failed.ts';

export interface CompanyOptions {
  /** Ends everything. */
  readonly signal: AbortSignal;
  readonly seed?: number;
  /** How long all of them together wait between two bids, in milliseconds: calm enough to read. */
  readonly pauseMs?: { readonly least: number; readonly most: number };
}

export interface Company {
  /** Rejects with a mistake of ours. */
  readonly over: Promise<void>;
}

const SEED = 1920;
/** Made before anybody looks, so that the first thing to see is an auction under way. */
const OPENING_BIDS = 6;
const PAUSE_MS = { least: 2_000, most: 5_000 };
/** How often a seller looks at the stock. */
const LOOK_MS = 1_000;

const SELLERS: Readonly<
  Record<string, { readonly firstMinutes: readonly number[]; readonly ideas: readonly LotIdea[] }>
> = {
  hannah: {
    firstMinutes: [1, 4, 12, 45],
    ideas: [
      { title: 'Brass desk lamp', startingPrice: 4_000, increment: 100 },
      { title: 'Oak desk, 1920', startingPrice: 12_000, increment: 500 },
      { title: 'Field camera', startingPrice: 8_000, increment: 100 },
      { title: 'Atlas, 2 volumes', startingPrice: 6_000, increment: 100 },
      { title: 'Walnut bookcase', startingPrice: 21_000, increment: 500 },
      { title: 'Ship in a bottle', startingPrice: 3_500, increment: 100 },
      { title: 'Set of six chairs', startingPrice: 18_000, increment: 500 },
      { title: 'Barometer, 1890', startingPrice: 9_500, increment: 100 },
    ],
  },
  otto: {
    firstMinutes: [2, 7, 25],
    ideas: [
      { title: 'Silver fountain pen', startingPrice: 5_500, increment: 100 },
      { title: 'Record player', startingPrice: 7_000, increment: 100 },
      { title: 'Bicycle, restored', startingPrice: 16_000, increment: 500 },
      { title: 'Box of old maps', startingPrice: 2_500, increment: 50 },
      { title: 'Mantel clock', startingPrice: 11_000, increment: 500 },
      { title: 'Tin toy railway', startingPrice: 6_500, increment: 100 },
      { title: 'Opera glasses', startingPrice: 4_500, increment: 100 },
    ],
  },
};
const BIDDERS = ['ben', 'cleo', 'dora'] as const;

/** Seats everybody and lists the first lots. */
export async function inviteCompany(house: Pick<House, 'welcome'>, options: CompanyOptions): Promise<Company> {
  const { signal, seed = SEED, pauseMs = PAUSE_MS } = options;
  const welcome = (name: string) => house.welcome(name, `${name}@mail.example`);
  const [sellers, bidders] = await Promise.all([
    Promise.all(Object.keys(SELLERS).map(welcome)),
    Promise.all(BIDDERS.map(welcome)),
  ]);
  const lively = sellers.map((client, index) => {
    const { firstMinutes, ideas } = SELLERS[client.username] ?? { firstMinutes: [], ideas: [] };
    return new LivelySeller({ client, firstMinutes, ideas, chance: new Chance(seed + index) });
  });
  // One after the other, so that every evening's first lots have the same numbers.
  for (const seller of lively) await seller.open();
  demand(
    sellers.every(({ model }) => model.offered.size > 0),
    'the house has no lot to begin with',
  );
  const crowd = { sellers, bidders, chance: new Chance(seed), pauseMs, signal };
  for (let bid = 1; bid <= OPENING_BIDS; bid++) await bidOnce(crowd);
  const over = Promise.all([...lively.map((seller) => keepSelling(seller, signal)), keepBidding(crowd)]);
  return { over: over.then(() => undefined) };
}

async function keepSelling(seller: LivelySeller, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await delay(LOOK_MS, signal);
    if (!signal.aborted) await inSpiteOfTrouble(() => seller.listNext());
  }
}

interface Crowd {
  readonly sellers: readonly AuctionClient[];
  readonly bidders: readonly AuctionClient[];
  readonly chance: Chance;
  readonly pauseMs: { readonly least: number; readonly most: number };
  readonly signal: AbortSignal;
}

/** One bid after the other, so that a reader can follow. */
async function keepBidding(crowd: Crowd): Promise<void> {
  const { chance, pauseMs, signal } = crowd;
  while (!signal.aborted) {
    await delay(Math.round(chance.between(pauseMs.least, pauseMs.most)), signal);
    if (!signal.aborted) await inSpiteOfTrouble(() => bidOnce(crowd));
  }
}

/** Whoever wants to. Throws the house's refusal. */
async function bidOnce({ sellers, bidders, chance }: Crowd): Promise<void> {
  const house: ReadonlySet<LotId> = new Set(sellers.flatMap(({ model }) => [...model.offered]));
  const seats = bidders.map(({ username, model }) => ({ name: username, lots: [...model.lots.values()] }));
  const [first] = bidders;
  const next = first && chooseBid(seats, house, first.time().at, chance);
  const bidder = bidders.find(({ username }) => username === next?.name);
  if (next !== undefined && bidder !== undefined) await bidder.bid({ lot: next.lot.lot, amount: next.amount });
}

/** After a journey in time papers are renewed and links come back: what is refused meanwhile is tried in the next round. */
async function inSpiteOfTrouble(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof ProtocolError || error instanceof ClientError)) throw error;
  }
}
