/** Company for a person at a terminal: somebody who sells, and two who bid by strategies of their own. */
import type { AuctionClient } from '../client/auction-client.ts';
import { runHouseBot } from '../client/bots/house-bot.ts';
import { increment } from '../client/bots/strategies/increment.ts';
import { sniper } from '../client/bots/strategies/sniper.ts';
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
  { name: 'ben', bot: increment, limit: 20_000 },
  { name: 'cleo', bot: sniper, limit: 25_000 },
] as const;

/** Lists the lots and lets the bots bid until `signal`. Resolves when everybody is seated; `over` rejects with a bot's mistake. */
export async function inviteCompany(house: House, signal: AbortSignal): Promise<{ readonly over: Promise<void> }> {
  const seller = await house.welcome('hannah', 'hannah@mail.example');
  for (const lot of LOTS) await offer(seller, lot);
  const bots = await Promise.all(
    BIDDERS.map(async ({ name, bot, limit }) => {
      const client = await house.welcome(name, `${name}@mail.example`);
      return () => runHouseBot({ client, bot, max: limit as Amount, currency: EUR, signal });
    }),
  );
  return { over: Promise.all(bots.map((run) => run())).then(() => undefined) };
}

const EUR = 'EUR' as Currency;

async function offer(seller: AuctionClient, { title, startingPrice, increment, openMs }: (typeof LOTS)[number]) {
  const answer = await seller.list({
    title,
    currency: EUR,
    startingPrice: startingPrice as Amount,
    increment: increment as Amount,
    closesAt: (seller.time().at + openMs) as Instant,
  });
  demand(answer.outcome === 'accepted', `“${title}” could not be listed: ${JSON.stringify(answer)}`);
}
