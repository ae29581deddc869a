/** The options of `gavel bot`, and what they mean. */
import { join } from 'node:path';
import type { Amount, Currency } from '../../shared/wire/vocabulary.ts';
import { ClientError } from '../client-error.ts';
import { DEFAULT_CURRENCY, parseAmount, parseCurrency } from '../commands/currency.ts';
import { type LotReference, parseLotReference } from '../commands/intent.ts';
import { readPrivateFile } from '../identity/private-files.ts';
import { type ClientOptions, CONNECTION_OPTIONS, type OptionSpec } from '../options.ts';

/** Options of `gavel bot`, as they were typed. Those of a strategy are among them, by name. */
export interface BotOptions extends ClientOptions, Readonly<Partial<Record<string, unknown>>> {
  readonly lot?: string;
  readonly max?: string;
  readonly maxFile?: string;
  readonly budget?: string;
  readonly currency?: string;
  readonly perMinute?: string;
  readonly stopFile?: string;
  readonly paper?: boolean;
  readonly seed?: string;
  readonly name?: string;
}

const DEFAULT_PER_MINUTE = 60;

/** The options of every bot. */
export const BOT_OPTIONS: readonly OptionSpec[] = [
  ...CONNECTION_OPTIONS,
  { flags: '--lot <lot>', help: 'bid on this lot alone, and end with it' },
  { flags: '--max <amount>', help: 'the most to bid on one lot' },
  { flags: '--max-file <file>', help: 'read that from a file of yours instead: others can see what is typed here' },
  { flags: '--budget <amount>', help: 'the most to win and lead with in all; needed without --lot' },
  { flags: '--currency <code>', help: `of all amounts; ${DEFAULT_CURRENCY}, if nothing is said` },
  {
    flags: '--per-minute <count>',
    help: `the most commands within a minute; ${DEFAULT_PER_MINUTE}, if nothing is said`,
  },
  { flags: '--stop-file <file>', help: 'end as soon as this file is there; bots/stop in the home, if nothing is said' },
  { flags: '--paper', help: 'send nothing: bid on paper, against what is announced' },
  { flags: '--seed <text>', help: 'draw the same chances again' },
  { flags: '--name <name>', help: "what this bot's journal is called: limits hold for each name, over all its runs" },
];

/** `gavel bot --list` */
export const LIST_OPTION: OptionSpec = { flags: '--list', help: 'name the strategies that there are' };

/** Everything checked that does not depend on the strategy. */
export interface BotConfig {
  readonly currency: Currency;
  readonly only?: LotReference;
  readonly max?: Amount;
  readonly budget?: Amount;
  readonly perMinute: number;
  readonly isPaper: boolean;
  readonly seed: string | undefined;
  readonly name: string;
  /** Where this home's bots keep what they did. */
  readonly folder: string;
  readonly stopFile: string;
}

/** Throws `option-malformed`, what `parseAmount`, `parseCurrency` and `parseLotReference` throw, and `home-too-open`. */
export async function parseBotConfig(options: BotOptions, strategy: string, home: string): Promise<BotConfig> {
  const { lot, budget, seed, name = strategy, paper = false } = options;
  const currency = options.currency === undefined ? DEFAULT_CURRENCY : parseCurrency(options.currency);
  const folder = join(home, 'bots');
  const max = await readMax(options, currency);
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name))
    throw new ClientError('option-malformed', '--name has small letters, digits and hyphens, at most 32');
  return {
    currency,
    ...(lot === undefined ? {} : { only: parseLotReference(lot) }),
    ...(max === undefined ? {} : { max }),
    ...(budget === undefined ? {} : { budget: parseAmount(budget, currency) }),
    perMinute: parseCount(options.perMinute ?? String(DEFAULT_PER_MINUTE)),
    isPaper: paper,
    seed,
    name: paper ? `${name}.paper` : name,
    folder,
    stopFile: options.stopFile ?? join(folder, 'stop'),
  };
}

/** The file's rights are looked at like those of the keys. */
async function readMax({ max, maxFile }: BotOptions, currency: Currency): Promise<Amount | undefined> {
  if (max !== undefined && maxFile !== undefined)
    throw new ClientError('option-malformed', '--max and --max-file say the same thing; leave one of them out');
  if (maxFile === undefined) return max === undefined ? undefined : parseAmount(max, currency);
  const bytes = await readPrivateFile(maxFile);
  if (bytes === undefined) throw new ClientError('option-malformed', `--max-file: there is no ${maxFile}`);
  return parseAmount(Buffer.from(bytes).toString('utf8').trim(), currency);
}

function parseCount(text: string): number {
  if (/^[1-9][0-9]{0,5}$/.test(text)) return Number(text);
  throw new ClientError('option-malformed', '--per-minute is a whole number above 0');
}
