/** `gavel client` and `gavel bot`: from options to an exit code. The process itself is for whoever calls this. */
import { type Clock, systemClock } from '../shared/time/clock.ts';
import type { Amount } from '../shared/wire/vocabulary.ts';
import { AuctionClient } from './auction-client.ts';
import { type BotParts, runBot } from './bots/run-bot.ts';
import { STRATEGIES } from './bots/strategies.ts';
import { ClientError } from './client-error.ts';
import { DEFAULT_CURRENCY, parseAmount } from './commands/currency.ts';
import { parseLotReference } from './commands/intent.ts';
import { type ClientOptions, parseClientConfig } from './config.ts';
import { EXIT, exitCodeForSignal } from './exit-codes.ts';
import { openHome } from './identity/open-home.ts';
import type { FactTime } from './line/fact.ts';
import { runLines } from './line/line-mode.ts';
import { Narrator } from './line/narrator.ts';
import { askSecret } from './line/prompt.ts';
import { type ClientIo, type Conversation, openConversation } from './line/terminal.ts';
import type { LotModel } from './store/model.ts';

/** Options of `gavel bot`, as they were typed. */
export interface BotOptions extends ClientOptions {
  readonly strategy?: string;
  readonly limit?: string;
  readonly lot?: string;
}

/** `gavel client`: connects, and answers lines until they end. Resolves with the exit code. */
export function runClient(options: ClientOptions, io: ClientIo, clock: Clock = systemClock): Promise<number> {
  return converse(
    { options, io, clock, proveAnnouncements: true },
    async (connect, { face, lines, signal }, narrator) => {
      const client = await connect();
      const { command } = options;
      const strict = command !== undefined;
      return runLines({ client, face, lines: strict ? asLines(command) : lines, strict, signal }, narrator);
    },
  );
}

/** `gavel bot`: connects, and lets a strategy bid until its lot is closed or a signal comes. Resolves with the exit code. */
export function runBotCommand(options: BotOptions, io: ClientIo, clock: Clock = systemClock): Promise<number> {
  return converse({ options, io, clock }, async (connect, { face, signal }, narrator) => {
    const bot = parseBot(options);
    const client = await connect();
    await Promise.race([runBot({ client, ...bot, face, signal }), narrator.failed]);
    narrator.end();
    const exitCode = signal.aborted ? exitCodeForSignal(signal.reason) : EXIT.done;
    face.tell({ type: 'bye', data: { reason: signal.aborted ? 'interrupted' : 'done', exitCode } });
    return exitCode;
  });
}

interface Program {
  readonly options: ClientOptions;
  readonly io: ClientIo;
  readonly clock: Clock;
  /** A person is shown prices: nothing that the journal does not say may be one. */
  readonly proveAnnouncements?: boolean;
}

type Talk = (connect: () => Promise<AuctionClient>, conversation: Conversation, narrator: Narrator) => Promise<number>;

/** Opens a conversation, lets `talk` connect and have it, and says what ended it where that was an error. */
async function converse(program: Program, talk: Talk): Promise<number> {
  const { options, io, clock } = program;
  let client: AuctionClient | undefined;
  const conversation = openConversation(io, options, () => timeOf(client, clock));
  const narrator = new Narrator(conversation.face);
  const connect = () =>
    connected(program, conversation, narrator, (made) => {
      client = made;
    });
  try {
    return await talk(connect, conversation, narrator);
  } catch (error) {
    narrator.end();
    if (conversation.signal.aborted) return exitCodeForSignal(conversation.signal.reason);
    return conversation.fail(error);
  } finally {
    await client?.close();
    await conversation.close();
  }
}

async function connected(
  { options, io, clock, proveAnnouncements = false }: Program,
  { signal, isTerminal }: Conversation,
  narrator: Narrator,
  onMade: (client: AuctionClient) => void,
): Promise<AuctionClient> {
  const config = parseClientConfig(options, io.env);
  const store = await openHome({
    directory: config.directory,
    passphraseFile: options.passphraseFile,
    wantsPassphrase: options.passphrase === true,
    ...(isTerminal ? { ask: (question: string) => askSecret({ ...io, signal }, question) } : {}),
  });
  const { directory: _directory, ...choices } = config;
  const client = await AuctionClient.connect({ ...choices, store, clock, signal, proveAnnouncements }, (made) => {
    onMade(made);
    narrator.follow(made);
  });
  narrator.begin(client, config.dmsUrl);
  return client;
}

function parseBot({ strategy = 'steady', limit, lot }: BotOptions): Pick<BotParts, 'strategy' | 'limit' | 'only'> {
  const known = STRATEGIES.get(strategy);
  if (known === undefined) throw new ClientError('bot-unknown', `there are ${[...STRATEGIES.keys()].join(', ')}`);
  if (limit === undefined) throw new ClientError('option-malformed', '--limit is the most to bid on one lot');
  // Checked once as it will mostly be read, so that a slip of the keyboard is no bot that never bids.
  parseAmount(limit, DEFAULT_CURRENCY);
  return {
    strategy: known.decide,
    limit: (candidate) => limitIn(limit, candidate),
    only: lot === undefined ? undefined : parseLotReference(lot),
  };
}

/** `undefined` for a lot in whose currency the limit can't be said. */
function limitIn(limit: string, { terms }: LotModel): Amount | undefined {
  try {
    return parseAmount(limit, terms.currency);
  } catch (error) {
    if (error instanceof ClientError) return undefined;
    throw error;
  }
}

/** Until the first signed time is known, the machine's has to do for what is said about that. */
function timeOf(client: AuctionClient | undefined, clock: Clock): FactTime {
  return client === undefined ? { at: clock.now(), simulated: false } : client.time();
}

async function* asLines(commands: readonly string[]): AsyncGenerator<string, undefined> {
  yield* commands;
}
