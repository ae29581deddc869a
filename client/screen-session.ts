/** One evening at the screen: the home is opened, the client connects, and both talk until the end. */
import type { Clock } from '../shared/time/clock.ts';
import { AuctionClient } from './auction-client.ts';
import { type ClientOptions, parseClientConfig } from './config.ts';
import { EXIT, exitCodeForSignal } from './exit-codes.ts';
import { loadHistory, saveHistory } from './identity/history-file.ts';
import { openHome } from './identity/open-home.ts';
import { complaintFact } from './line/facts-of.ts';
import { Narrator } from './line/narrator.ts';
import { askSecret } from './line/prompt.ts';
import type { ClientIo } from './line/terminal.ts';
import { ScreenLoop } from './screen-loop.ts';
import type { TerminalScreen } from './terminal-screen.ts';

export interface Session {
  readonly options: ClientOptions;
  readonly io: ClientIo;
  readonly clock: Clock;
  readonly screen: TerminalScreen;
}

/** Resolves with the exit code. Throws what the client could not begin or go on with. */
export async function attend(session: Session): Promise<number> {
  const { io, clock, screen, options } = session;
  const end = Promise.withResolvers<number>();
  const past = new Past((error) => loop.tell(complaintFact(error, {})));
  const loop = new ScreenLoop({
    clock,
    size: screen.size,
    alert: (text) => options.bell !== false && screen.alert(text),
    remember: (line) => past.add(line),
    quit: (interrupted) => end.resolve(interrupted ? EXIT.interrupted : EXIT.done),
    failed: end.reject,
  });
  screen.listen({
    key: (key) => loop.dispatch({ type: 'key', key }),
    resized: (size) => loop.dispatch({ type: 'resized', size }),
  });
  const onAbort = () => end.resolve(exitCodeForSignal(io.signal.reason));
  io.signal.addEventListener('abort', onAbort);
  if (io.signal.aborted) onAbort();
  screen.ended.catch(end.reject);
  loop.paintOn(screen);
  const narrator = new Narrator(loop);
  narrator.failed.catch(end.reject);
  let client: AuctionClient | undefined;
  const quit = new AbortController();
  const parts = { loop, narrator, past, signal: quit.signal };
  const connecting = connected(session, parts, (made) => {
    client = made;
  });
  connecting.catch(end.reject);
  try {
    return await end.promise;
  } finally {
    loop.end();
    narrator.end();
    quit.abort();
    io.signal.removeEventListener('abort', onAbort);
    // The terminal is given back before the goodbyes: those may take a while.
    await screen.close();
    await past.saved;
    await client?.close();
  }
}

interface Parts {
  readonly loop: ScreenLoop;
  readonly narrator: Narrator;
  readonly past: Past;
  /** Gives up connecting. */
  readonly signal: AbortSignal;
}

async function connected(
  { options, io, clock, screen }: Session,
  { loop, narrator, past, signal }: Parts,
  onMade: (client: AuctionClient) => void,
): Promise<void> {
  const config = parseClientConfig(options, io.env);
  const store = await openHome({
    directory: config.directory,
    passphraseFile: options.passphraseFile,
    wantsPassphrase: options.passphrase === true,
    ask: (question) => screen.lend(() => askSecret({ ...io, signal }, question)),
  });
  const { directory, ...choices } = config;
  loop.dispatch({ type: 'history', lines: await past.open(directory) });
  const client = await AuctionClient.connect({ ...choices, store, clock, signal, proveAnnouncements: true }, (made) => {
    onMade(made);
    loop.follow(made);
    narrator.follow(made);
  });
  narrator.begin(client, config.dmsUrl);
}

/** What was typed in this home: kept line by line, so that an end without a goodbye loses none. */
class Past {
  /** When everything so far is kept. */
  saved: Promise<void> = Promise.resolve();
  readonly #failed: (error: unknown) => void;
  #directory: string | undefined;
  #lines: readonly string[] = [];

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  async open(directory: string): Promise<readonly string[]> {
    this.#directory = directory;
    this.#lines = await loadHistory(directory);
    return this.#lines;
  }

  add(line: string): void {
    const directory = this.#directory;
    if (directory === undefined) return;
    this.#lines = [...this.#lines, line];
    const lines = this.#lines;
    this.saved = this.saved.then(() => saveHistory(directory, lines)).catch(this.#failed);
  }
}
