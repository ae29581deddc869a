/** `gavel bot market`: many homes below the one that was named, and a market among them. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../../../shared/time/clock.ts';
import { MAX_AMOUNT } from '../../../shared/wire/limits.ts';
import type { Amount } from '../../../shared/wire/vocabulary.ts';
import { ClientError } from '../../client-error.ts';
import { parseClientConfig } from '../../config.ts';
import type { ClientIo, Conversation } from '../../line/terminal.ts';
import type { Seat, Talk } from '../../main.ts';
import { ProofStore } from '../../proof/proof-store.ts';
import type { BotConfig, BotOptions } from '../bot-options.ts';
import { DecisionJournal } from '../decision-journal.ts';
import { openDesk } from '../open-desk.ts';
import type { ParamTable, ParamValues } from '../params.ts';
import type { BotEnd } from '../run-bot.ts';
import { StopFile } from '../stop-file.ts';
import { AuctionMark } from '../workload/auction-mark.ts';
import { createRandom } from '../workload/random.ts';
import { runMarket, type Trader } from './run-market.ts';

/** What a market can be told beside what every bot can. */
export const MARKET = {
  name: 'market',
  summary: 'many sellers and buyers, each with a home below this one, to make a house live',
  params: {
    participants: { type: 'count', help: 'how many take part', default: '8' },
    lots: { type: 'count', help: 'how many lots are open at any time', default: '10' },
    rate: { type: 'number', help: 'bids a second, by all together', default: '1' },
    factor: { type: 'number', help: 'how much faster than in life lots come and go', default: '7200' },
  },
} as const satisfies { readonly name: string; readonly summary: string; readonly params: ParamTable };

const DAY_MS = 24 * 3_600_000;
const DEFAULT_USERNAME = 'market';

/** Throws `option-malformed` for what only a single bot can do. */
export function requireMarketOptions({ lot, paper }: BotOptions): void {
  if (lot === undefined && paper !== true) return;
  throw new ClientError('option-malformed', 'a market has no --lot and no --paper: it offers its own lots');
}

export interface MarketSeat {
  readonly options: BotOptions;
  readonly config: BotConfig;
  readonly params: ParamValues<typeof MARKET.params>;
  readonly io: ClientIo;
  readonly clock: Clock;
}

/** Enrols everybody, one after the other, and lets them trade until the signal or the stop file. */
export async function holdMarket(seat: MarketSeat, connect: Parameters<Talk>[0], room: Conversation): Promise<BotEnd> {
  const { config, params, clock } = seat;
  const journals: DecisionJournal[] = [];
  const stop = new StopFile(config.stopFile);
  const isStopped = () => stop.isThere;
  try {
    const traders: Trader[] = [];
    for (const home of homesOf(seat)) {
      const journal = await DecisionJournal.open(join(home.directory, 'bots'), config.name);
      journals.push(journal);
      const client = await connect(home);
      const receipts = await new ProofStore(home.directory).receipts();
      const parts = { client, journal, receipts, clock, face: room.face, limits: limitsOf(config) };
      const { desk } = openDesk({ ...parts, strategy: MARKET.name, isPaper: false, isStopped, isInScope: () => true });
      client.on('failed', (error) => desk.fail(error));
      traders.push({ client, desk });
    }
    const workload = new AuctionMark(createRandom(config.seed ?? randomUUID()), {
      sellers: traders.length,
      buyers: traders.length,
    });
    const { lots, rate, factor } = params;
    const common = { workload, lots, rate, dayMs: DAY_MS / factor, currency: config.currency, isStopped, clock };
    return await runMarket({ ...common, traders: traders as [Trader, ...Trader[]], signal: room.signal });
  } finally {
    await Promise.all(journals.map((journal) => journal.close()));
  }
}

function homesOf({ options, params, io }: MarketSeat): Seat[] {
  const { directory, username = DEFAULT_USERNAME } = parseClientConfig(options, io.env);
  return Array.from({ length: params.participants }, (_, index) => ({
    directory: join(directory, MARKET.name, String(index + 1)),
    username: `${username}-${index + 1}`,
  }));
}

/** Of each participant. It is played with the house's own money, so that no limit has to be named. */
function limitsOf({ currency, perMinute, budget, max = MAX_AMOUNT as Amount }: BotConfig) {
  return { currency, perMinute, maxOn: () => max, ...(budget === undefined ? {} : { budget }) };
}
