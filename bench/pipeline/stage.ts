/** A house of one node with everybody in it, and beside it its yardsticks, with the same connections. */
import { fileURLToPath } from 'node:url';
import type { BenchSettings } from '../bench.ts';
import { Child } from '../child.ts';
import type { EnrolmentPlace } from '../commands/enrol-all.ts';
import { profiling, startAuthority, startNode } from '../commands/houses.ts';
import { usageOf } from '../process-usage.ts';
import { BIDDERS, Halls } from './halls.ts';
import type { Sent, Side, Yardstick } from './messages.ts';

/** Bids that show how long an answer is. */
const FIRST_BIDS = 200;
const FIRST_MS = 2_000;

export interface Stage {
  readonly halls: Halls;
  readonly servers: Readonly<Record<Side, Child>>;
  readonly urls: Readonly<Record<Side, string>>;
  /** How somebody enrols who comes later. */
  readonly enrolment: EnrolmentPlace;
  /** Of an answer, on average. */
  readonly answerBytes: number;
}

/** What was sent in a turn, and what the server used meanwhile, in seconds of processor time. */
export interface Turn extends Sent {
  readonly serverSeconds: number;
  readonly mainThreadSeconds: number;
}

export async function openStage(settings: BenchSettings, closers: AsyncDisposableStack): Promise<Stage> {
  const authority = await startAuthority(settings);
  closers.defer(() => authority.child.stop());
  const house = await startNode('house', settings, authority);
  closers.defer(() => house.child.stop());
  const enrolment = { folder: settings.folder, trustedServiceUrl: authority.url, rootPem: authority.rootPem };
  const halls = await Halls.open(settings, enrolment);
  closers.defer(() => halls.stop());
  await halls.enter('house', house.url);
  await halls.prepare(FIRST_BIDS);
  const first = await halls.saturate('house', FIRST_MS, 1);
  const answerBytes = Math.round(first.answerBytes / first.answered);
  const args = [house.home, String(answerBytes)];
  const empty = await openYardstick('empty', settings, args, closers);
  // As many seats as there are connections.
  const verifying = await openYardstick('verifying', settings, [...args, String(BIDDERS)], closers);
  await halls.enter('empty', empty.url);
  await halls.enter('verifying', verifying.url);
  const servers = { house: house.child, empty: empty.child, verifying: verifying.child };
  const urls = { house: house.url, empty: empty.url, verifying: verifying.url };
  return { halls, servers, urls, enrolment, answerBytes };
}

async function openYardstick(
  side: Yardstick,
  { env, signal, profile }: BenchSettings,
  args: readonly string[],
  closers: AsyncDisposableStack,
): Promise<{ readonly child: Child; readonly url: string }> {
  const child = new Child({
    pinning: [],
    nodeOptions: profiling(side, profile),
    file: fileURLToPath(new URL('./yardstick-server.ts', import.meta.url)),
    ...{ args, env, signal },
  });
  closers.defer(() => child.stop());
  const { listening: url } = JSON.parse(await child.line()) as { listening: string };
  return { child, url };
}

/** A turn of one side, with the books of its server. */
export async function takeTurn({ servers }: Stage, side: Side, send: () => Promise<Sent>): Promise<Turn> {
  const { pid } = servers[side];
  const before = usageOf(pid);
  const sent = await send();
  const after = usageOf(pid);
  return {
    ...sent,
    serverSeconds: after.cpuSeconds - before.cpuSeconds,
    mainThreadSeconds: after.mainThreadSeconds - before.mainThreadSeconds,
  };
}
