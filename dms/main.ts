/**
 * Starts a DMS node: waits for the Trusted Service, listens, keeps everything up to date by timers, and ends without
 * losing anything. Commands are opened in threads of their own (`intake/statement-pool.ts`); the thread pool of libuv serves
 * files, and what jose verifies: tokens, and proofs of who comes. Whoever starts the process sets UV_THREADPOOL_SIZE above the
 * number of cores, since it can't be changed from here.
 */
import closeWithGrace from 'close-with-grace';
import envPaths from 'env-paths';
import type { Logger } from 'pino';
import { adviceFor, ProtocolError } from '../shared/errors.ts';
import { StartError } from '../shared/start-error.ts';
import { systemClock } from '../shared/time/clock.ts';
import { ANNOUNCEMENT_TICK_MS, KEY_SET_MAX_AGE_MS } from '../shared/wire/limits.ts';
import type { HouseId } from '../shared/wire/vocabulary.ts';
import type { HouseParts } from './auction-house.ts';
import { type DmsConfig, parseConfig, showConfig } from './config.ts';
import { TAKE_OVER_MS } from './disclosure.ts';
import { type Foundation, layFoundation, type Surroundings } from './foundation.ts';
import { createLog } from './log.ts';
import { createNode, type DmsNode } from './node.ts';
import { demandContinuation } from './proof/demand-continuation.ts';
import { type Repeating, repeat } from './repeat.ts';
import { createRetry } from './retry.ts';
import { listen, showCertificate } from './web-server.ts';

/** How often the signed time is asked for. A simulated clock can be set at any moment; a real one drifts slowly. */
const TIME_MS = { real: 5_000, simulated: 200 } as const;
/** A revocation is in force here after this at the latest. */
const REVOCATIONS_MS = 1_000;
/** How often lots and sessions are looked through for those that are due. */
const CLOSINGS_MS = 100;
const SWEEP_MS = 250;
/** The certificate is renewed days before its end. */
const IDENTITY_MS = 10 * 60_000;
/** How often the witness is shown what is new. */
const WITNESS_MS = 1_000;
/** How often it is looked whether a snapshot of the state is due. */
const SNAPSHOT_MS = 1_000;
/** A snapshot is not worth waiting longer for, at the end. */
const LAST_SNAPSHOT_LIMIT_MS = 5_000;
/** How long the last answers may take when the node ends. */
const CLOSING_LIMIT_MS = 10_000;
/** What the shell is told about a configuration that is not right, where it was asked about nothing else. */
const WRONG_CONFIG = 2;

/** A node that listens. */
export interface ServedDms {
  readonly url: string;
  readonly house: HouseId;
  /** Takes nothing more, answers what it has taken, ends all sessions, lets go of its state. */
  close(): Promise<void>;
}

/** The program: runs until a signal ends it. Settings are those of config.ts; what is wrong with them is logged. */
export async function main(
  options: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const log = createLog();
  const checkOnly = options['checkConfig'] === true;
  try {
    const config = parseConfig(options, env, envPaths('gavel', { suffix: '' }).data);
    const shown = showConfig(config);
    if (checkOnly) {
      process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
      return;
    }
    log.info({ event: 'configuration', configuration: shown });
    const served = await serveDms(config, { log, clock: systemClock, onFailure: (error) => stopAtOnce(error, log) });
    endOnSignal(served, log);
    const ready = { listening: served.url, house: served.house, clock: config.clock };
    process.stdout.write(`${JSON.stringify(ready)}\n`);
  } catch (error) {
    if (!(error instanceof StartError || error instanceof ProtocolError)) throw error;
    log.fatal({ event: 'not-started', code: 'code' in error ? error.code : undefined }, sentenceOf(error));
    process.exitCode = checkOnly ? WRONG_CONFIG : 1;
  }
}

/**
 * Starts a node and listens. It waits for the Trusted Service as long as that takes.
 * @throws StartError, and ProtocolError for what does not mend itself
 */
export async function serveDms(config: DmsConfig, around: Surroundings): Promise<ServedDms> {
  const { log, onFailure } = around;
  // Nothing is recorded before the parts are there that tell of it.
  let publish: HouseParts['publish'] = () => {};
  const foundation = await layFoundation(config, (letters, position) => publish(letters, position), around);
  const { house, service } = foundation;
  void house.failure.then(onFailure);
  const node = createNode(config, foundation, around);
  publish = (letters, position) => {
    node.monitor.hear(letters);
    node.desk.hear(letters);
    node.announcer.publish(letters, position);
  };
  const following = new AbortController();
  const followed = house.isShared ? house.follow(following.signal) : undefined;
  const release = async () => {
    following.abort();
    await followed;
    await house.stop();
    node.tell();
    await node.close();
    await service.close();
  };
  const askWitness = async () => {
    // What it is shown is signed by the time, which has grown too old where the Trusted Service was away for long.
    await foundation.time.sync();
    await node.witness.ask();
  };
  const continued = demandContinuation(askWitness, createRetry('witness', log));
  const url = await continued
    .then(() => listen(node.server, config))
    .catch(async (error: unknown) => {
      await release();
      throw error;
    });
  const repeated = keepUpToDate(config, foundation, node, around);
  node.desk.start();
  if (!config.tls) log.warn({ event: 'tls-off' }, 'TLS is off: a proxy in front has to provide it');
  log.info({ event: 'listening', url, house: house.house, clock: config.clock, position: house.position });
  const close = async () => {
    node.retire();
    node.desk.stop();
    // What waits for a journal that is away would be waited for below.
    if (house.trouble !== undefined) void house.stop();
    await Promise.all(repeated.map((work) => work.stop()));
    await release();
    await foundation.snapshots.writeLast(house, AbortSignal.timeout(LAST_SNAPSHOT_LIMIT_MS));
  };
  return { url, house: house.house, close };
}

/** Everything that is done by the clock. After a jump of the trusted time all of it is done at once. */
function keepUpToDate(
  { clock }: DmsConfig,
  { house, snapshots, time, revocations, keyring, node: identity }: Foundation,
  node: DmsNode,
  { log, onFailure }: Surroundings,
): Repeating[] {
  const doing = (name: string, everyMs: number, work: () => unknown) => repeat({ name, everyMs, work, log, onFailure });
  const sweep = doing('sessions', SWEEP_MS, () => node.sweep());
  const dependent = [
    sweep,
    doing('revocation-list', REVOCATIONS_MS, () => revocations.poll(time.now())),
    doing('keys', KEY_SET_MAX_AGE_MS, async () => {
      await keyring.refresh(time.now());
      // A new issuing CA has a list of its own.
      await revocations.poll(time.now());
    }),
    doing('closings', CLOSINGS_MS, () => node.monitor.closeDue()),
    doing('identity', IDENTITY_MS, async () => {
      if (await identity.renewIfDue()) showCertificate(node.server, identity.tls);
    }),
  ];
  time.onChange(() => {
    for (const work of dependent) work.now();
  });
  revocations.onChange(() => sweep.now());
  return [
    ...dependent,
    doing('trusted-time', TIME_MS[clock], () => time.sync()),
    doing('witness', WITNESS_MS, () => node.witness.ask()),
    doing('snapshot', SNAPSHOT_MS, () => snapshots.writeIfDue(house)),
    doing('disclosures', TAKE_OVER_MS, () => node.desk.takeOver()),
    doing('announcements', ANNOUNCEMENT_TICK_MS, () => node.tell()),
  ];
}

/** What is under way is finished first. A second signal, or a mistake while ending, ends at once. */
function endOnSignal(served: ServedDms, log: Logger): void {
  closeWithGrace({ delay: CLOSING_LIMIT_MS, logger: false }, async ({ err, signal }) => {
    if (err !== undefined) log.fatal({ err }, 'the node ends after a mistake of its own');
    else log.info({ event: 'ending', signal });
    await served.close();
    log.info({ event: 'ended' });
  });
}

/** Nobody knows any more what is recorded, so nothing more is answered: what is on disk shows at the next start. */
function stopAtOnce(error: unknown, log: Logger): never {
  log.fatal({ event: 'failed', err: error }, 'the node stops: it can not go on without losing something');
  process.exit(1);
}

function sentenceOf(error: StartError | ProtocolError): string {
  if (error instanceof StartError) return error.message;
  return `${adviceFor(error.code)}${error.detail === undefined ? '' : ` (${error.detail})`}`;
}
