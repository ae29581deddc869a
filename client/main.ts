/** `gavel client`: from options to an exit code; what `gavel bot` has in common with it. The process itself is for whoever calls this. */
import { type Clock, systemClock } from '../shared/time/clock.ts';
import { AuctionClient } from './auction-client.ts';
import { type ClientOptions, parseClientConfig } from './config.ts';
import { exitCodeForSignal } from './exit-codes.ts';
import { openHome } from './identity/open-home.ts';
import type { FactTime } from './line/fact.ts';
import { runLines } from './line/line-mode.ts';
import { Narrator } from './line/narrator.ts';
import { askSecret } from './line/prompt.ts';
import { type ClientIo, type Conversation, openConversation } from './line/terminal.ts';

/** `gavel client`: connects, and answers lines until they end. Resolves with the exit code. */
export function runClient(options: ClientOptions, io: ClientIo, clock: Clock = systemClock): Promise<number> {
  return converse({ options, io, clock }, async (connect, { face, lines, signal }, narrator) => {
    const client = await connect();
    const { command } = options;
    const strict = command !== undefined;
    return runLines({ client, face, lines: strict ? asLines(command) : lines, strict, signal }, narrator);
  });
}

/** A program that talks to somebody. */
export interface Program {
  readonly options: ClientOptions;
  readonly io: ClientIo;
  readonly clock: Clock;
}

/** What is said, once it may `connect`. Resolves with the exit code. */
export type Talk = (
  connect: () => Promise<AuctionClient>,
  conversation: Conversation,
  narrator: Narrator,
) => Promise<number>;

/** Opens a conversation, lets `talk` connect and have it, and says what ended it where that was an error. */
export async function converse(program: Program, talk: Talk): Promise<number> {
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
  { options, io, clock }: Program,
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
  const client = await AuctionClient.connect({ ...choices, store, clock, signal }, (made) => {
    onMade(made);
    narrator.follow(made);
  });
  narrator.begin(client, config.dmsUrl);
  return client;
}

/** Until the first signed time is known, the machine's has to do for what is said about that. */
function timeOf(client: AuctionClient | undefined, clock: Clock): FactTime {
  return client === undefined ? { at: clock.now(), simulated: false } : client.time();
}

async function* asLines(commands: readonly string[]): AsyncGenerator<string, undefined> {
  yield* commands;
}
