/** The bot that somebody names: one that is shipped, or a file of their own. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { ClientError } from '../client-error.ts';
import { didYouMean } from '../commands/did-you-mean.ts';
import type { Bot } from './define-bot.ts';
import { SHIPPED_BOTS } from './strategies/shipped.ts';

/** Whether a word names a file with a bot in it. */
export function isBotFile(word: string): boolean {
  return /\.[cm]?[jt]s$/.test(word);
}

/** Throws `bot-unknown` and `bot-malformed`. A file is run: its bot may do what its owner may. */
export async function findBot(word: string): Promise<Bot> {
  if (isBotFile(word)) return loadBot(word);
  const known = SHIPPED_BOTS.get(word);
  if (known !== undefined) return known;
  const names = [...SHIPPED_BOTS.keys(), 'market'];
  const meant = didYouMean(word, names);
  throw new ClientError(
    'bot-unknown',
    meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`,
  );
}

const handler = z.function().optional();
const param = z.strictObject({
  type: z.enum(['amount', 'duration', 'count', 'number', 'text']),
  help: z.string(),
  default: z.string().optional(),
});
const BotForm = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  summary: z.string(),
  params: z.record(z.string().regex(/^[a-z][A-Za-z]*$/), param).optional(),
  ...{ bidOn: handler, onListed: handler, onBid: handler, onTick: handler, onClosed: handler },
});

async function loadBot(file: string): Promise<Bot> {
  const path = resolve(file);
  const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(path).href).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ClientError('bot-malformed', `${file}: ${why}`, { cause });
  });
  const form = BotForm.safeParse(module['bot']);
  if (!form.success) {
    const [issue] = form.error.issues;
    throw new ClientError('bot-malformed', `${file}: ${issue?.path.join('.')} ${issue?.message}`);
  }
  return module['bot'] as Bot;
}
