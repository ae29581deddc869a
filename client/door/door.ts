/** The way in: what a client needs to know before it can connect, asked for at a terminal where nothing tells it. */
import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../shared/time/clock.ts';
import { given, homeDirectory } from '../environment.ts';
import { exitCodeForSignal } from '../exit-codes.ts';
import { IdentityFile, parseJson } from '../identity/identity.ts';
import type { KeyStore } from '../identity/key-store.ts';
import { readPrivateFile } from '../identity/private-files.ts';
import { Interrupted } from '../interrupted.ts';
import { complaintOf } from '../line/facts-of.ts';
import type { ClientIo } from '../line/terminal.ts';
import type { ClientOptions } from '../options.ts';
import { printableLine } from '../store/printable.ts';
import { isEnough } from './asks-first.ts';
import type { KnownHouse } from './find-house.ts';
import { type HomeSettings, keepHomeSettings, readHomeSettings } from './settings.ts';

/** Options with which a client can begin, and the home where it is open already; or why there is nothing to begin. */
export type Entrance = { readonly options: ClientOptions; readonly store?: KeyStore } | { readonly exitCode: number };

/** Gives the terminal to whoever asks something, for as long as that takes. */
export type Lend = <Result>(use: () => Promise<Result>) => Promise<Result>;

/**
 * Asks at a terminal for what neither options, environment nor home tell. Anywhere else, and for commands, it asks nothing.
 * Throws a `ClientError` or `ProtocolError` for what can't be asked for.
 */
export async function findEntrance(
  options: ClientOptions,
  io: ClientIo,
  clock: Clock,
  lend: Lend = (use) => use(),
): Promise<Entrance> {
  const isTerminal = io.stdin.isTTY === true && io.stdout.isTTY === true;
  if (!isTerminal || options.json === true || options.command !== undefined) return { options };
  const known = await lookAround(options, io);
  return isEnough(known) ? { options } : await lend(() => ask(known, options, io, clock));
}

/** The same where lines are written: what went wrong is said on standard error. */
export async function enter(options: ClientOptions, io: ClientIo, clock: Clock): Promise<Entrance> {
  try {
    return await findEntrance(options, io, clock);
  } catch (error) {
    const complaint = complaintOf(error);
    if (complaint === undefined) throw error;
    const { code, advice, detail, exitCode } = complaint;
    io.stderr.write(`gavel: ${code}: ${advice}${detail === undefined ? '' : ` (${printableLine(detail)})`}\n`);
    return { exitCode };
  }
}

/** What is known without a question. */
interface Known {
  readonly directory: string;
  readonly house: { readonly [Name in keyof KnownHouse]: string | undefined };
  readonly identity: IdentityFile | undefined;
  readonly username: string | undefined;
  readonly invite: string | undefined;
}

async function lookAround(options: ClientOptions, { env }: ClientIo): Promise<Known> {
  const directory = homeDirectory(options, env);
  const bytes = await readPrivateFile(join(directory, 'identity.json'));
  const settings = await readHomeSettings(directory);
  return {
    directory,
    identity: bytes === undefined ? undefined : parseJson(IdentityFile, bytes),
    house: {
      trustedServiceUrl:
        options.trustedServiceUrl ?? given(env, 'GAVEL_TRUSTED_SERVICE_URL') ?? settings?.trustedServiceUrl,
      dmsUrl: options.dmsUrl ?? given(env, 'GAVEL_DMS_URL') ?? settings?.dmsUrl,
      root: options.root ?? given(env, 'GAVEL_ROOT') ?? settings?.root,
    },
    username: options.username ?? given(env, 'GAVEL_USERNAME'),
    invite: options.invite ?? given(env, 'GAVEL_INVITE'),
  };
}

async function ask(known: Known, options: ClientOptions, io: ClientIo, clock: Clock): Promise<Entrance> {
  // Loaded only where it is needed: who is known should not wait for it.
  const [{ Asker }, { runWizard }] = await Promise.all([import('./asker.ts'), import('./wizard.ts')]);
  const { directory, identity, username, invite } = known;
  const asker = new Asker(io);
  let opened: KeyStore | undefined;
  let settings: HomeSettings | undefined;
  let mustStay = identity !== undefined;
  try {
    const person = {
      ...(username !== undefined && { username }),
      ...(invite !== undefined && { invite }),
      ...(options.contact !== undefined && { contact: options.contact }),
    };
    const wishes = { directory, house: known.house, identity, person, passphraseFile: options.passphraseFile };
    const store = await runWizard(asker, wishes, clock, {
      found: (house) => {
        settings = house;
      },
      opened: (home) => {
        opened = home;
      },
      unanswered: () => {
        mustStay = true;
      },
    });
    return { options: { ...options, ...settings }, ...(store === undefined ? {} : { store }) };
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    io.stdout.write('\n');
    return { exitCode: exitCodeForSignal(error.signal) };
  } finally {
    asker.close();
    if (opened !== undefined) await tidyUp(opened, settings, mustStay);
  }
}

/** An enrolment that was answered is kept with what led to it; one that was refused leaves nothing behind. */
async function tidyUp(store: KeyStore, settings: HomeSettings | undefined, mustStay: boolean) {
  if (store.identity?.credentials !== undefined) {
    if (settings !== undefined) await keepHomeSettings(store.directory, settings);
  } else if (!mustStay) {
    await rm(join(store.directory, 'identity.json'), { force: true });
    for (const folder of [join(store.directory, 'notices'), store.directory]) {
      // What is not empty was there before, or is somebody else's: it stays.
      await rmdir(folder).catch(() => undefined);
    }
  }
}
