/** What somebody wants to do: the words of a command, each checked for its form. */
import type { LotTerms } from '../../shared/wire/commands.ts';
import { MAX_EXTENSION_STEP_MS } from '../../shared/wire/limits.ts';
import { CommandId, Description, Instant, LotId, Title } from '../../shared/wire/vocabulary.ts';
import { ClientError, type ClientErrorCode } from '../client-error.ts';
import { type CommandName, findCommand } from './command-table.ts';
import { DEFAULT_CURRENCY, formatAmount, parseAmount, parseCurrency } from './currency.ts';
import { parseClosing, parseDuration, parseMoment } from './parse-closing.ts';
import type { RawCommand } from './raw-command.ts';
import { quoteWord } from './split-words.ts';

/** A lot as people name it: by its short number, or by its id. */
export type LotReference = number | LotId;

export type ListIntent = { readonly name: 'list'; readonly terms: LotTerms; readonly repeat?: CommandId };
/** The amount stays text until the lot, and so its currency, is known. */
export type BidIntent = {
  readonly name: 'bid';
  readonly lot: LotReference;
  readonly amount: string;
  /** Whoever wants it was asked, or need not be: see caution.ts. */
  readonly yes?: true;
  readonly repeat?: CommandId;
};
/** About one lot; the last three also about none in particular. For a receipt the id may be that of any command. */
type LotIntent =
  | { readonly name: 'lot'; readonly lot: LotReference }
  | { readonly name: 'watch' | 'receipt' | 'verify'; readonly lot?: LotReference };
export type Intent =
  | ListIntent
  | BidIntent
  | LotIntent
  | { readonly name: 'allitems' | 'myitems' | 'mybids' | 'identity' }
  | { readonly name: 'resettime' | 'quit' }
  | { readonly name: 'settime'; readonly time: Instant }
  | { readonly name: 'help'; readonly command?: CommandName };

/** Understands a command at the trusted time `now`. Throws a `ClientError` that names the word which is wrong. */
export function parseIntent(raw: RawCommand, now: Instant): Intent {
  const word = (name: string) => raw.words.get(name) ?? '';
  switch (raw.name) {
    case 'list':
      return { name: 'list', terms: parseTerms(raw, now), ...parseRepeat(raw) };
    case 'bid':
      return {
        name: 'bid',
        lot: parseLotReference(word('lot')),
        amount: word('amount'),
        ...parseYes(raw),
        ...parseRepeat(raw),
      };
    case 'lot':
      return { name: 'lot', lot: parseLotReference(word('lot')) };
    case 'watch':
    case 'receipt':
    case 'verify':
      return { name: raw.name, ...(raw.words.has('lot') ? { lot: parseLotReference(word('lot')) } : {}) };
    case 'settime':
      return { name: 'settime', time: parseMoment(word('time'), now) };
    case 'help':
      return { name: 'help', ...parseTopic(raw) };
    default:
      return { name: raw.name };
  }
}

/** The typed form of a listing with its closing as an instant: what repeats the same command, whenever it is sent. */
export function formatList(terms: LotTerms, id: CommandId): string {
  const { title, startingPrice, currency, closesAt, increment, description, extension } = terms;
  const words = ['/list', quoteWord(title), formatAmount(startingPrice, currency), new Date(closesAt).toISOString()];
  words.push('--increment', formatAmount(increment, currency), '--currency', currency);
  if (description !== undefined) words.push('--description', quoteWord(description));
  if (extension !== undefined) {
    const { window, by, until } = extension;
    words.push('--extension', [window, by, until - closesAt].map((length) => `${length / 1_000}s`).join(','));
  }
  return [...words, '--repeat', id].join(' ');
}

/** A short number such as `7`, or an id. Throws `lot-malformed`. */
export function parseLotReference(text: string): LotReference {
  if (/^#?[1-9][0-9]{0,14}$/.test(text)) return Number(text.replace('#', ''));
  const id = LotId.safeParse(text.toLowerCase());
  if (!id.success) throw new ClientError('lot-malformed');
  return id.data;
}

function parseTerms(raw: RawCommand, now: Instant): LotTerms {
  const word = (name: string) => raw.words.get(name);
  const currency = word('currency') === undefined ? DEFAULT_CURRENCY : parseCurrency(word('currency') ?? '');
  const closesAt = parseClosing(word('closes') ?? '', now);
  const description = word('description');
  const extension = word('extension');
  return {
    title: checked(Title, word('title') ?? '', 'title-malformed'),
    ...(description === undefined ? {} : { description: checked(Description, description, 'description-malformed') }),
    currency,
    startingPrice: parseAmount(word('price') ?? '', currency),
    increment: parseAmount(word('increment') ?? smallestCoin(currency), currency),
    closesAt,
    ...(extension === undefined ? {} : { extension: parseExtension(extension, closesAt) }),
  };
}

function smallestCoin(currency: LotTerms['currency']): string {
  return formatAmount(1 as LotTerms['increment'], currency);
}

/** One normal form, so that what an input method composed differently is the same title. */
function checked(schema: typeof Title, text: string, code: ClientErrorCode): string {
  const result = schema.safeParse(text.normalize('NFC').trim());
  if (result.success) return result.data;
  throw new ClientError(code, result.error.issues[0]?.message);
}

const DEFAULT_UNTIL_MS = 3_600_000;

function parseExtension(text: string, closesAt: Instant): NonNullable<LotTerms['extension']> {
  const parts = text.split(',').map(parseDuration);
  const [window, by = window, until = DEFAULT_UNTIL_MS] = parts;
  const complete = window !== undefined && by !== undefined && parts.length <= 3 && !parts.includes(undefined);
  if (!complete || Math.max(window, by) > MAX_EXTENSION_STEP_MS) throw new ClientError('extension-malformed');
  const last = Instant.safeParse(closesAt + until);
  if (!last.success) throw new ClientError('extension-malformed', 'it ends after the last year there is');
  return { window, by, until: last.data };
}

function parseYes(raw: RawCommand): { yes?: true } {
  return raw.words.has('yes') ? { yes: true } : {};
}

function parseRepeat(raw: RawCommand): { repeat?: CommandId } {
  const text = raw.words.get('repeat');
  if (text === undefined) return {};
  const id = CommandId.safeParse(text.toLowerCase());
  if (!id.success) throw new ClientError('id-malformed');
  return { repeat: id.data };
}

function parseTopic(raw: RawCommand): { command?: CommandName } {
  const text = raw.words.get('command');
  if (text === undefined) return {};
  const command = findCommand(text.replace(/^\//, '').toLowerCase());
  if (command === undefined) throw new ClientError('command-unknown');
  return { command: command.name };
}
