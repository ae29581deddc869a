/** `gavel client`: from options to an exit code; what `gavel bot` has in common with it. The process itself is for whoever calls this. */
import { type Clock, systemClock } from '../shared/time/clock.ts';
import { AuctionClient } from './auction-client.ts';
import { parseClientConfig } from './config.ts';
import { enter } from './door/door.ts';
import { readHomeSettings } from './door/settings.ts';
import { homeDirectory } from './environment.ts';
import { exitCodeForSignal } from './exit-codes.ts';
import type { KeyStore } from './identity/key-store.ts';
import { openHome } from './identity/open-home.ts';
import { Interrupted } from './interrupted.ts';
import type { FactTime } from './line/fact.ts';
import { runLines } from './line/line-mode.ts';
import { Narrator } from './line/narrator.ts';
import { askSecret } from './line/prompt.ts';
import { type ClientIo, type Conversation, openConversation } from './line/terminal.ts';
import type { ClientOptions } from './options.ts';

/** `gavel client`: connects, and answers lines until they end. Resolves with the exit code. */
export async function runClient(wish: ClientOptions, io: ClientIo, clock: Clock = systemClock): Promise<number> {
  const entrance = await enter(wish, io, clock);
  if ('exitCode' in entrance) return entrance.exitCode;
  const { options } = entrance;
  const program = { ...entrance, io, clock, proveAnnouncements: true };
  return converse(program, async (connect, { face, lines, signal }, narrator) => {
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
  /** A person is shown prices: nothing that the journal does not say may be one. */
  readonly proveAnnouncements?: boolean;
  /** The home, where it is open already. */
  readonly store?: KeyStore;
}

/** A home and a user name other than those that were typed, for who takes part more than once. */
export interface Seat {
  readonly directory: string;
  readonly username: string;
}

/** What is said, once it may `connect`. Resolves with the exit code. */
export type Talk = (
  connect: (seat?: Seat) => Promise<AuctionClient>,
  conversation: Conversation,
  narrator: Narrator,
) => Promise<number>;

/** Opens a conversation, lets `talk` connect and have it, and says what ended it where that was an error. */
export async function converse(program: Program, talk: Talk): Promise<number> {
  const { options, io, clock } = program;
  const clients: AuctionClient[] = [];
  const conversation = openConversation(io, options, () => timeOf(clients[0], clock));
  const narrator = new Narrator(conversation.face);
  const connect = async (seat?: Seat) => {
    const isFirst = clients.length === 0;
    const client = await connected(program, conversation, seat, (made) => {
      clients.push(made);
      // Of many that take part together, one tells what all of them hear.
      if (isFirst) narrator.follow(made);
    });
    if (isFirst) narrator.begin(client, client.identity().dmsUrl);
    return client;
  };
  try {
    return await talk(connect, conversation, narrator);
  } catch (error) {
    narrator.end();
    if (conversation.signal.aborted) return exitCodeForSignal(conversation.signal.reason);
    if (error instanceof Interrupted) return exitCodeForSignal(error.signal);
    return conversation.fail(error);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    await conversation.close();
  }
}

async function connected(
  { options, io, clock, store: opened, proveAnnouncements = false }: Program,
  { signal, isTerminal }: Conversation,
  seat: Seat | undefined,
  onMade: (client: AuctionClient) => void,
): Promise<AuctionClient> {
  const kept = await readHomeSettings(homeDirectory(options, io.env));
  const { directory, ...choices } = { ...parseClientConfig(options, io.env, kept), ...seat };
  const store =
    opened ??
    (await openHome({
      directory,
      passphraseFile: options.passphraseFile,
      wantsPassphrase: options.passphrase === true,
      ...(isTerminal ? { ask: (question: string) => askSecret({ ...io, signal }, question) } : {}),
    }));
  return AuctionClient.connect({ ...choices, store, clock, signal, proveAnnouncements }, onMade);
}

/** Until the first signed time is known, the machine's has to do for what is said about that. */
function timeOf(client: AuctionClient | undefined, clock: Clock): FactTime {
  return client === undefined ? { at: clock.now(), simulated: false } : client.time();
}

async function* asLines(commands: readonly string[]): AsyncGenerator<string, undefined> {
  yield* commands;
}
