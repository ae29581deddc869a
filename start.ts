/** `gavel start`: the whole house on one machine. Without a terminal it plays one auction by itself; on one, you take part. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runFace, wantsScreen } from './client/choose-face.ts';
import { EXIT, exitCodeForSignal } from './client/exit-codes.ts';
import { createJsonFace } from './client/line/json-line.ts';
import type { ClientIo } from './client/line/terminal.ts';
import { ProtocolError } from './shared/errors.ts';
import { inviteCompany } from './start/company.ts';
import { House } from './start/house.ts';
import type { StartOptions } from './start/options.ts';
import type { Launcher } from './start/program.ts';
import { StartFailed } from './start/start-failed.ts';
import { playStory } from './start/story.ts';

/** Opens a house in a folder of its own, and resolves with the exit code when it is closed again. */
export async function start(options: StartOptions, io: ClientIo, launcher: Launcher): Promise<number> {
  const home = await mkdtemp(join(tmpdir(), 'gavel-'));
  try {
    return await spendTheEvening(home, options, io, launcher);
  } catch (error) {
    if (io.signal.aborted) return exitCodeForSignal(io.signal.reason);
    if (!(error instanceof StartFailed || error instanceof ProtocolError)) throw error;
    io.stderr.write(`gavel start: ${error.message}\n`);
    return EXIT.failure;
  } finally {
    if (options.keep === true) io.stderr.write(`The state of this run is kept in ${home}\n`);
    else await rm(home, { recursive: true, force: true });
  }
}

async function spendTheEvening(home: string, options: StartOptions, io: ClientIo, launcher: Launcher): Promise<number> {
  const isTerminal = io.stdin.isTTY === true && io.stdout.isTTY === true;
  if (isTerminal) io.stdout.write('Opening the house …\n');
  const house = await House.open({ launcher, home, clock: 'simulated', env: io.env });
  try {
    return isTerminal ? await takePart(house, options, io) : await play(house, io);
  } finally {
    await house.close();
  }
}

/** One JSON object per step, with the name of whoever takes it. */
async function play(house: House, io: ClientIo): Promise<number> {
  const interrupted = new Promise<never>((_resolve, reject) => {
    io.signal.addEventListener('abort', () => reject(io.signal.reason));
  });
  let time = { at: Date.now(), simulated: true };
  const speak = (participant: string) => createJsonFace(io.stdout, () => time, { participant });
  const story = playStory(house, (participant, guest, fact) => {
    time = guest.time();
    speak(participant).tell(fact);
  });
  await Promise.race([story, interrupted]);
  speak('house').tell({ type: 'bye', data: { reason: 'done', exitCode: EXIT.done } });
  return EXIT.done;
}

/** The company sells and bids while a person does what they like, the operator's part included. */
async function takePart(house: House, options: StartOptions, io: ClientIo): Promise<number> {
  const evening = new AbortController();
  const { over } = await inviteCompany(house, { signal: evening.signal });
  const { home, trustedServiceUrl, dmsUrl, rootFile: root, operatorToken } = house;
  const username = options.username ?? io.env['GAVEL_USERNAME'] ?? 'visitor';
  // The token goes from hand to hand in this process: no command line and no environment of a process shows it.
  const env = { ...io.env, GAVEL_OPERATOR_TOKEN: operatorToken, GAVEL_OPERATOR_TOKEN_FILE: undefined };
  const { plain = false } = options;
  const wish = { home, trustedServiceUrl, dmsUrl, root, username, plain };
  // The screen says by itself what can be done.
  if (!wantsScreen(wish, io)) io.stdout.write(`${WELCOME}\n`);
  const visit = runFace(wish, { ...io, env });
  try {
    return await Promise.race([visit, over.then(() => visit)]);
  } finally {
    evening.abort();
  }
}

const WELCOME = `
  This is a private auction on your machine, on a clock that you may set. hannah
  and otto sell; ben, cleo and dora bid. Nobody learns your name but who you
  trade with.

    /allitems               the lots
    /bid 1 60.00            bid 60.00 EUR on lot 1, which closes in a minute
    /list "Lamp" 20.00 +2m  offer a lot of your own for two minutes
    /settime +1h            an hour later: lots have closed, you see who you traded with
    /help  /quit
`;
