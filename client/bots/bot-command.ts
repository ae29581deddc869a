/** `gavel bot`: from options to an exit code. */
import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../../shared/time/clock.ts';
import type { AuctionClient } from '../auction-client.ts';
import { ClientError } from '../client-error.ts';
import { parseClientConfig } from '../config.ts';
import { EXIT, exitCodeForSignal } from '../exit-codes.ts';
import type { ClientIo, Conversation } from '../line/terminal.ts';
import { converse, type Talk } from '../main.ts';
import { ProofStore } from '../proof/proof-store.ts';
import type { LotModel } from '../store/model.ts';
import { type BotConfig, type BotOptions, parseBotConfig } from './bot-options.ts';
import { DecisionJournal } from './decision-journal.ts';
import type { Bot } from './define-bot.ts';
import { findBot } from './find-bot.ts';
import { HomeLock } from './home-lock.ts';
import type { Limits } from './limits.ts';
import { holdMarket, MARKET, requireMarketOptions } from './market/market-command.ts';
import { readParams } from './params.ts';
import { type BotEnd, runBot } from './run-bot.ts';
import { SecretMaxima } from './secret-maxima.ts';
import { StopFile } from './stop-file.ts';
import { createRandom } from './workload/random.ts';

/** Lets a bot bid until its lot is closed, its stop file appears or a signal comes. Resolves with the exit code. */
export function runBotCommand(
  word: string,
  options: BotOptions,
  io: ClientIo,
  clock: Clock = systemClock,
): Promise<number> {
  return converse({ options, io, clock }, async (connect, conversation, narrator) => {
    const over = new AbortController();
    const room = { ...conversation, signal: AbortSignal.any([conversation.signal, over.signal]) };
    const prepare = word === MARKET.name ? prepareMarket : prepareBot;
    const { config, run } = await prepare({ word, options, io, clock });
    const lock = await HomeLock.take(config.folder);
    const running = run(connect, room);
    try {
      const end = await Promise.race([running, narrator.failed]);
      narrator.end();
      const exitCode = end === 'interrupted' ? exitCodeForSignal(conversation.signal.reason) : EXIT.done;
      conversation.face.tell({ type: 'bye', data: { reason: end, exitCode } });
      return exitCode;
    } finally {
      over.abort();
      // Its failure is what is being told, or comes after one that is.
      await running.catch(() => undefined);
      lock.release();
    }
  });
}

interface Order {
  readonly word: string;
  readonly options: BotOptions;
  readonly io: ClientIo;
  readonly clock: Clock;
}

/** Everything checked, and nothing done yet. */
interface Prepared {
  readonly config: BotConfig;
  run(connect: Parameters<Talk>[0], room: Conversation): Promise<BotEnd>;
}

async function prepareMarket({ options, io, clock }: Order): Promise<Prepared> {
  requireMarketOptions(options);
  const { directory } = parseClientConfig(options, io.env);
  const config = await parseBotConfig(options, MARKET.name, directory);
  const params = readParams(MARKET.params, options, config.currency);
  return { config, run: (connect, room) => holdMarket({ options, config, params, io, clock }, connect, room) };
}

async function prepareBot({ word, options, io, clock }: Order): Promise<Prepared> {
  const bot = await findBot(word);
  const { directory } = parseClientConfig(options, io.env);
  const config = await parseBotConfig(options, bot.name, directory);
  const params = readParams(bot.params, options, config.currency);
  requireLimits(bot, config);
  return {
    config,
    run: async (connect, room) => {
      const client = await connect();
      const limits = await limitsOf(bot, config, client);
      return bid({ bot, params, config, limits, client, clock }, directory, room);
    },
  };
}

interface Seat {
  readonly bot: Bot;
  readonly params: ReturnType<typeof readParams>;
  readonly config: BotConfig;
  readonly limits: Limits;
  readonly client: AuctionClient;
  readonly clock: Clock;
}

async function bid(seat: Seat, directory: string, { face, signal }: Conversation): Promise<BotEnd> {
  const { bot, params, config, limits, client, clock } = seat;
  const { only, isPaper, stopFile } = config;
  const random = createRandom(config.seed ?? randomUUID());
  const stop = new StopFile(stopFile);
  const journal = await DecisionJournal.open(config.folder, config.name);
  try {
    return await runBot({
      ...{ client, bot, params, limits, only, isPaper, journal, face, clock, signal },
      receipts: await new ProofStore(directory).receipts(),
      isStopped: () => stop.isThere,
      random: () => random.next(),
    });
  } finally {
    await journal.close();
  }
}

/** A bot without a limit would be one slip away from a fortune. The proxy knows the limit of each lot from before. */
function requireLimits({ name }: Bot, { max, only, budget }: BotConfig): void {
  if (name === PROXY) {
    if (max !== undefined && only === undefined)
      throw new ClientError('option-malformed', '--max needs --lot: a secret maximum is for one lot');
    return;
  }
  if (max === undefined) throw new ClientError('option-malformed', '--max is the most to bid on one lot');
  if (only === undefined && budget === undefined)
    throw new ClientError('option-malformed', '--budget is the most to spend in all, which a bot without --lot needs');
}

const PROXY = 'proxy';

async function limitsOf({ name }: Bot, config: BotConfig, client: AuctionClient): Promise<Limits> {
  const { currency, perMinute, budget, max, only, folder } = config;
  const common = { currency, perMinute, ...(budget === undefined ? {} : { budget }) };
  const lot = only === undefined ? undefined : await client.findLot(only);
  if (only !== undefined && lot === undefined)
    throw new ClientError('option-malformed', '--lot: the house has no such lot');
  if (lot !== undefined && lot.terms.currency !== currency)
    throw new ClientError('option-malformed', `--currency: the lot is in ${lot.terms.currency}`);
  if (name !== PROXY) return { ...common, maxOn: () => max };
  const maxima = await SecretMaxima.open(folder, client.house);
  if (lot !== undefined && max !== undefined) await maxima.keep(lot.lot, max);
  if (lot !== undefined && maxima.of(lot.lot) === undefined)
    throw new ClientError('option-malformed', '--max is not known yet for this lot');
  return { ...common, maxOn: (candidate: LotModel) => maxima.of(candidate.lot) };
}
