/** Company for a person at a terminal: somebody who sells, and two who bid by strategies of their own. */
import type { AuctionClient } from '../client/auction-client.ts';
import { type BotParts, runBot } from '../client/bots/run-bot.ts';
import { sniper } from '../client/bots/sniper.ts';
import { steady } from '../client/bots/steady.ts';
import type { Amount, Currency, Instant } from '../shared/wire/vocabulary.ts';
import type { House } from './house.ts';
import { demand } from './start-failed.ts';

const MINUTE_MS = 60_000;
const LOTS = [
  { title: 'Oak desk, 1920', startingPrice: 10_000, increment: 500, openMs: 5 * MINUTE_MS },
  { title: 'Field camera', startingPrice: 8_000, increment: 100, openMs: 10 * MINUTE_MS },
  { title: 'Atlas, 2 volumes', startingPrice: 4_000, increment: 100, openMs: 30 * MINUTE_MS },
] as const;
const BIDDERS = [
  { name: 'ben', strategy: steady, limit: 20_000 },
  { name: 'cleo', strategy: sniper, limit: 25_000 },
] as const;

/** Lists the lots and lets the bots bid until `signal`. Resolves when everybody is seated; `over` rejects with a bot's mistake. */
export async function inviteCompany(house: House, signal: AbortSignal): Promise<{ readonly over: Promise<void> }> {
  const seller = await house.welcome('hannah', 'hannah@mail.example');
  for (const lot of LOTS) await offer(seller, lot);
  const bots = await Promise.all(
    BIDDERS.map(async ({ name, strategy, limit }) => {
      const client = await house.welcome(name, `${name}@mail.example`);
      const parts: BotParts = { client, strategy, limit: () => limit as Amount, face: SILENT, signal };
      return parts;
    }),
  );
  return { over: Promise.all(bots.map(runBot)).then(() => undefined) };
}

/** What bots do is heard as everybody's bids are: in the announcements. */
const SILENT = { tell: () => undefined };

async function offer(seller: AuctionClient, { title, startingPrice, increment, openMs }: (typeof LOTS)[number]) {
  const answer = await seller.list({
    title,
    currency: 'EUR' as Currency,
    startingPrice: startingPrice as Amount,
    increment: increment as Amount,
    closesAt: (seller.time().at + openMs) as Instant,
  });
  demand(answer.outcome === 'accepted', `“${title}” could not be listed: ${JSON.stringify(answer)}`);
}
