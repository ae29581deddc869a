/** A bot that keeps company: it bids for nobody, so it keeps no journal and its end is the end of everything. */
import { systemClock } from '../../shared/time/clock.ts';
import type { Amount, Currency } from '../../shared/wire/vocabulary.ts';
import type { BotClient } from './bot-client.ts';
import type { Bot } from './define-bot.ts';
import type { ParamTable } from './params.ts';
import { readParams } from './params.ts';
import { runBot } from './run-bot.ts';
import { createRandom } from './workload/random.ts';

export interface HouseBotParts<Table extends ParamTable> {
  readonly client: BotClient;
  readonly bot: Bot<Table>;
  /** The most on a lot; there is no limit in all. */
  readonly max: Amount;
  readonly currency: Currency;
  readonly signal: AbortSignal;
}

const PER_MINUTE = 60;

/** Runs until the signal. What it does is heard as everybody's bids are: in the announcements. */
export async function runHouseBot<Table extends ParamTable>(parts: HouseBotParts<Table>): Promise<void> {
  const { client, bot, max, currency, signal } = parts;
  await runBot({
    ...{ client, signal, bot: bot as Bot, params: readParams(bot.params, {}, currency) },
    limits: { currency, maxOn: () => max, perMinute: PER_MINUTE },
    ...{ isPaper: false, isStopped: () => false, receipts: [], clock: systemClock },
    journal: { kept: [], append: async () => undefined },
    random: createRandom(bot.name).next,
    face: { tell: () => undefined },
  });
}
