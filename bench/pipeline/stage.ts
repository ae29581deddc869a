/** A house of one node with everybody in it, and beside it its yardsticks, with the same connections. */
import type { BenchSettings } from '../bench.ts';
import { Child } from '../child.ts';
import type { EnrolmentPlace } from '../commands/enrol-all.ts';
import { startAuthority, startNode } from '../commands/houses.ts';
import { usageOf } from '../process-usage.ts';
import { Halls } from './halls.ts';
import type { Sent, Side } from './messages.ts';
import type { BesideHouse, YardstickProgram } from './yardsticks.ts';

/** Bids that show how long an answer is. */
const FIRST_BIDS = 200;
const FIRST_MS = 2_000;

interface SideServer {
  readonly child: Child;
  readonly url: string;
}

export interface Stage {
  readonly halls: Halls;
  /** Of the house, and of those yardsticks that were asked for. */
  readonly serverOf: (side: Side) => SideServer;
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

export async function openStage(
  settings: BenchSettings,
  yardsticks: readonly YardstickProgram[],
  closers: AsyncDisposableStack,
): Promise<Stage> {
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
  const servers = new Map<Side, SideServer>([['house', house]]);
  for (const yardstick of yardsticks) {
    const server = await openYardstick(yardstick, settings, { home: house.home, answerBytes }, closers);
    await halls.enter(yardstick.side, server.url);
    servers.set(yardstick.side, server);
  }
  const serverOf = (side: Side) => {
    const server = servers.get(side);
    if (server === undefined) throw new Error(`there is no ${side} server on this stage`);
    return server;
  };
  return { halls, serverOf, enrolment, answerBytes };
}

async function openYardstick(
  program: YardstickProgram,
  { env, signal }: BenchSettings,
  house: BesideHouse,
  closers: AsyncDisposableStack,
): Promise<SideServer> {
  const child = new Child({ pinning: [], ...program.run(house), env, signal });
  closers.defer(() => child.stop());
  const { listening: url } = JSON.parse(await child.line()) as { listening: string };
  return { child, url };
}

/** A turn of one side, with the books of its server. */
export async function takeTurn({ serverOf }: Stage, side: Side, send: () => Promise<Sent>): Promise<Turn> {
  const { pid } = serverOf(side).child;
  const before = usageOf(pid);
  const sent = await send();
  const after = usageOf(pid);
  return {
    ...sent,
    serverSeconds: after.cpuSeconds - before.cpuSeconds,
    mainThreadSeconds: after.mainThreadSeconds - before.mainThreadSeconds,
  };
}
