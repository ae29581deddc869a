/** `gavel bot` on the command line: the strategies with their options, and what is run for each. */
import { ClientError } from '../client-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { ClientIo } from '../line/terminal.ts';
import type { OptionSpec } from '../options.ts';
import { runBotCommand } from './bot-command.ts';
import { BOT_OPTIONS, type BotOptions, LIST_OPTION } from './bot-options.ts';
import { findBot, isBotFile } from './find-bot.ts';
import { MARKET } from './market/market-command.ts';
import { optionsOf, type ParamTable } from './params.ts';
import { SHIPPED_BOTS } from './strategies/shipped.ts';

export interface BotWord {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionSpec[];
}

/** Each strategy that is shipped, with its own options after those of every bot. */
export const BOT_WORDS: readonly BotWord[] = [...SHIPPED_BOTS.values(), MARKET].map(
  ({ name, summary, params }: { readonly name: string; readonly summary: string; readonly params?: ParamTable }) => ({
    name,
    summary,
    options: [...BOT_OPTIONS, ...optionsOf(params)],
  }),
);

export interface BotWords {
  /** Of `gavel bot` without a strategy. */
  readonly options: readonly OptionSpec[];
  readonly strategies: readonly BotWord[];
  /** Resolves with the exit code. */
  run(strategy: string | undefined, options: BotOptions & { readonly list?: boolean }, io: ClientIo): Promise<number>;
}

/** A bot's own file is among the strategies where it is what was typed, so that its parameters are options too. */
export async function declareBots(typed: readonly string[]): Promise<BotWords> {
  const [word = ''] = typed;
  const strategies = isBotFile(word) ? [...BOT_WORDS, await wordOf(word)] : BOT_WORDS;
  return {
    options: [...BOT_OPTIONS, LIST_OPTION],
    strategies,
    run: async (strategy, options, io) => {
      if (strategy !== undefined && options.list !== true) return runBotCommand(strategy, options, io);
      const list = strategies.map(({ name, summary }) => `${name.padEnd(12)}${summary}\n`).join('');
      if (options.list === true) io.stdout.write(list);
      else io.stderr.write(`gavel bot: which strategy?\n${list}`);
      return options.list === true ? EXIT.done : EXIT.usage;
    },
  };
}

async function wordOf(file: string): Promise<BotWord> {
  try {
    const { summary, params } = await findBot(file);
    return { name: file, summary, options: [...BOT_OPTIONS, ...optionsOf(params)] };
  } catch (error) {
    // Said when it is run, in the form that was asked for.
    if (!(error instanceof ClientError)) throw error;
    return { name: file, summary: error.message, options: BOT_OPTIONS };
  }
}
