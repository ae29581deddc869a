/** One auction, played by itself: a seller, three bidders, two lots, a tie, a journey in time, and who learns what. */
import type { AuctionClient } from '../client/auction-client.ts';
import type { AuctionClientEvents } from '../client/client-events.ts';
import type { Fact } from '../client/line/fact.ts';
import { announcementFact, saleFact } from '../client/line/facts-of.ts';
import type { Sale } from '../client/notice-desk.ts';
import { adviceForRejection, type LotTerms } from '../shared/wire/commands.ts';
import { CLOSING_GRACE_MS } from '../shared/wire/limits.ts';
import type { Amount, Currency, Instant, LotId } from '../shared/wire/vocabulary.ts';
import type { House } from './house.ts';
import { demand, StartFailed } from './start-failed.ts';

/** Where each step goes. `at` is the trusted time of whoever takes it. */
export type Storyteller = (participant: string, guest: AuctionClient, fact: Fact) => void;

const MINUTE_MS = 60_000;
/** No step takes nearly as long; without a limit a mistake would look like patience. */
const STEP_LIMIT_MS = 10_000;

const DESK = { title: 'Oak desk, 1920', startingPrice: 10_000, increment: 500, openMs: 10 * MINUTE_MS };
const CAMERA = { title: 'Field camera', startingPrice: 8_000, increment: 100, openMs: 11 * MINUTE_MS };

/** Plays it. Throws `StartFailed` with the first thing that went otherwise. */
export async function playStory(house: House, tell: Storyteller): Promise<void> {
  const company = await enrol(house, tell);
  const { seller, ben, cleo, dora } = company;
  const desk = await list(seller, DESK, tell);
  const camera = await list(seller, CAMERA, tell);

  await bid(dora, desk, 10_000, tell);
  await bid(ben, desk, 12_000, tell);
  await bid(dora, desk, 12_000, tell, 'tie-lost');
  await bid(cleo, desk, 12_100, tell, 'bid-below-increment');
  await bid(cleo, camera, 8_000, tell);
  await bid(seller, camera, 9_000, tell, 'bidder-is-seller');

  const closings = [desk, camera].map((lot) => heard(dora, 'announcement', isClosingOf(lot)));
  const sales = [
    soldTo(seller, desk, 'ben'),
    soldTo(seller, camera, 'cleo'),
    soldTo(ben, desk, 'hannah'),
    soldTo(cleo, camera, 'hannah'),
  ];
  await travelPastClosings(house, seller, tell);
  for (const announcement of await Promise.all(closings)) {
    tell('dora', dora, announcementFact(dora.model, announcement));
  }
  for (const { guest, sale } of await Promise.all(sales)) tell(guest.username, guest, saleFact(guest.model, sale));
  await demandSecrecy(company, { desk, camera });
}

interface Company {
  readonly seller: AuctionClient;
  readonly ben: AuctionClient;
  readonly cleo: AuctionClient;
  readonly dora: AuctionClient;
}

async function enrol(house: House, tell: Storyteller): Promise<Company> {
  const names = ['hannah', 'ben', 'cleo', 'dora'] as const;
  const guests = await Promise.all(names.map((name) => house.welcome(name, `${name}@mail.example`)));
  for (const guest of guests) {
    const { username, subject, house: id, position } = guest;
    tell(username, guest, { type: 'hello', data: { username, subject, house: id, dms: house.dmsUrl, position } });
  }
  const [seller, ben, cleo, dora] = guests as [AuctionClient, AuctionClient, AuctionClient, AuctionClient];
  return { seller, ben, cleo, dora };
}

async function list(seller: AuctionClient, lot: typeof DESK, tell: Storyteller): Promise<LotId> {
  const { title, startingPrice, increment, openMs } = lot;
  const terms: LotTerms = {
    title,
    currency: 'EUR' as Currency,
    startingPrice: startingPrice as Amount,
    increment: increment as Amount,
    closesAt: (seller.time().at + openMs) as Instant,
  };
  const answer = await seller.list(terms);
  demand(answer.outcome === 'accepted', `“${title}” could not be listed: ${JSON.stringify(answer)}`);
  const { id: commandId, lot: id, number, position } = answer;
  const about = { lot: id, number, title, currency: terms.currency };
  tell(seller.username, seller, { type: 'accepted', data: { command: 'list', commandId, ...about, position } });
  return id;
}

async function bid(
  bidder: AuctionClient,
  lot: LotId,
  amount: number,
  tell: Storyteller,
  expected: 'accepted' | 'tie-lost' | 'bid-below-increment' | 'bidder-is-seller' = 'accepted',
): Promise<void> {
  const answer = await bidder.bid({ lot, amount: amount as Amount });
  const outcome = answer.outcome === 'accepted' ? 'accepted' : answer.reason;
  demand(outcome === expected, `${bidder.username}'s bid of ${amount} was ${outcome}, not ${expected}`);
  if (answer.outcome === 'accepted') {
    const { id: commandId, number, position } = answer;
    const data = { command: 'bid', commandId, lot, number, amount, position } as const;
    tell(bidder.username, bidder, { type: 'accepted', data });
  } else {
    const { reason, id: commandId } = answer;
    const data = { command: 'bid', commandId, reason, advice: adviceForRejection(reason) } as const;
    tell(bidder.username, bidder, { type: 'rejected', data });
  }
}

/** One step of the clock past both closings and the time that a bid may travel. */
async function travelPastClosings(house: House, seller: AuctionClient, tell: Storyteller): Promise<void> {
  const closings = (await seller.myItems()).lots.map(({ closesAt }) => closesAt);
  const before = seller.time().at;
  const { time, epoch } = await house.operator.setTime(Math.max(...closings) + CLOSING_GRACE_MS);
  tell('operator', seller, { type: 'clock', data: { time, byMs: time - before, epoch } });
}

/** The seller's counterparties and the winners' are each other; the loser has heard of nobody. */
async function demandSecrecy(
  { seller, ben, cleo, dora }: Company,
  { desk, camera }: { readonly desk: LotId; readonly camera: LotId },
): Promise<void> {
  // An answer that is asked for now comes after everything that was under way.
  await Promise.all([seller, ben, cleo, dora].map((guest) => guest.allItems()));
  const learned = async (guest: AuctionClient) =>
    (await guest.sales()).map(({ notice, counterparty }) => `${notice.lot} ${counterparty?.username}`).sort();
  const know = async (guest: AuctionClient, expected: readonly string[]) =>
    demand(
      JSON.stringify(await learned(guest)) === JSON.stringify(expected.toSorted()),
      `${guest.username} learned something else than what is meant for ${guest.username}`,
    );
  await know(seller, [`${desk} ben`, `${camera} cleo`]);
  await know(ben, [`${desk} hannah`]);
  await know(cleo, [`${camera} hannah`]);
  await know(dora, []);
}

async function soldTo(guest: AuctionClient, lot: LotId, name: string): Promise<{ guest: AuctionClient; sale: Sale }> {
  const sale = await heard(guest, 'auction-closed', ({ notice }) => notice.lot === lot);
  const told = sale.counterparty?.username;
  demand(told === name, `${guest.username} was told the name ${told} in place of ${name}`);
  return { guest, sale };
}

const isClosingOf = (lot: LotId) => (announcement: AuctionClientEvents['announcement']) =>
  announcement.event === 'item_closed' && announcement.lot === lot;

/** The first event of this name that is meant. Throws `StartFailed` where it does not come. */
function heard<Name extends keyof AuctionClientEvents>(
  guest: AuctionClient,
  name: Name,
  isMeant: (event: AuctionClientEvents[Name]) => boolean,
): Promise<AuctionClientEvents[Name]> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(
      () => reject(new StartFailed(`${guest.username} waited ${STEP_LIMIT_MS} ms for ${name}`)),
      STEP_LIMIT_MS,
    );
    // A story that has failed elsewhere does not wait for this.
    limit.unref();
    const stop = guest.on(name, (event) => {
      if (!isMeant(event)) return;
      clearTimeout(limit);
      stop();
      resolve(event);
    });
  });
}
