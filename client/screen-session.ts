/** One evening at the screen: the home is opened, the client connects, and both talk until the end. */
import type { Clock } from '../shared/time/clock.ts';
import { AuctionClient } from './auction-client.ts';
import { parseClientConfig } from './config.ts';
import { findEntrance } from './door/door.ts';
import { readHomeSettings } from './door/settings.ts';
import { homeDirectory } from './environment.ts';
import { EXIT, exitCodeForSignal } from './exit-codes.ts';
import { openHome } from './identity/open-home.ts';
import { TypedHistory } from './identity/typed-history.ts';
import { complaintFact } from './line/facts-of.ts';
import { Narrator } from './line/narrator.ts';
import { askSecret } from './line/prompt.ts';
import type { ClientIo } from './line/terminal.ts';
import type { ClientOptions } from './options.ts';
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
  const history = new TypedHistory((error) => loop.tell(complaintFact(error, {})));
  const loop = new ScreenLoop({
    clock,
    size: screen.size,
    alert: (text) => options.bell !== false && screen.alert(text),
    remember: (line) => history.remember(line),
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
  screen.broken.catch(end.reject);
  loop.paintOn(screen);
  const narrator = new Narrator(loop);
  narrator.failed.catch(end.reject);
  let client: AuctionClient | undefined;
  const quit = new AbortController();
  const connecting = connected(session, { loop, narrator, history, signal: quit.signal }, (made) => {
    client = made;
  });
  connecting.then((exitCode) => exitCode !== undefined && end.resolve(exitCode), end.reject);
  try {
    return await end.promise;
  } finally {
    loop.end();
    narrator.end();
    quit.abort();
    io.signal.removeEventListener('abort', onAbort);
    // The terminal is given back before the goodbyes: those may take a while.
    await screen.close();
    // What was begun at the way in is ended there: nothing half-done stays in the home.
    await Promise.allSettled([connecting]);
    await history.close();
    await client?.close();
  }
}

interface Parts {
  readonly loop: ScreenLoop;
  readonly narrator: Narrator;
  readonly history: TypedHistory;
  readonly signal: AbortSignal;
}

/** Resolves once the client is there, or with the exit code where somebody did not want to come in. */
async function connected(
  { options: wish, io, clock, screen }: Session,
  { loop, narrator, history, signal }: Parts,
  onMade: (client: AuctionClient) => void,
): Promise<number | undefined> {
  const lend = async <Result>(use: () => Promise<Result>) => {
    await screen.give();
    return use();
  };
  const entrance = await findEntrance(wish, io, clock, lend);
  if ('exitCode' in entrance) return entrance.exitCode;
  const { options } = entrance;
  const config = parseClientConfig(options, io.env, await readHomeSettings(homeDirectory(options, io.env)));
  const store =
    entrance.store ??
    (await openHome({
      directory: config.directory,
      passphraseFile: options.passphraseFile,
      wantsPassphrase: options.passphrase === true,
      ask: (question) => lend(() => askSecret({ ...io, signal }, question)),
    }));
  // Nothing is asked any more; somebody who left meanwhile keeps the terminal.
  signal.throwIfAborted();
  screen.take();
  loop.dispatch({ type: 'history', lines: await history.open(store.directory) });
  const { directory: _directory, ...choices } = config;
  const client = await AuctionClient.connect({ ...choices, store, clock, signal, proveAnnouncements: true }, (made) => {
    onMade(made);
    loop.follow(made);
    narrator.follow(made);
  });
  narrator.begin(client, config.dmsUrl);
  return undefined;
}
