/** A house of one node with everybody in it, and beside it the server that does nothing, with the same connections. */
import { fileURLToPath } from 'node:url';
import type { BenchSettings } from '../bench.ts';
import { Child } from '../child.ts';
import { profiling, startAuthority, startNode } from '../commands/houses.ts';
import { Cryptography } from './cryptography.ts';
import { Halls } from './halls.ts';
import type { Side } from './messages.ts';

/** Bids that show how long an answer is. */
const FIRST_BIDS = 200;
const FIRST_MS = 2_000;

export interface Stage {
  readonly halls: Halls;
  readonly servers: Readonly<Record<Side, Child>>;
  readonly cryptography: Cryptography;
  /** Of an answer, on average. */
  readonly answerBytes: number;
}

/** Done from the last to the first at the end. */
export type Closers = (() => Promise<void>)[];

export async function openStage(settings: BenchSettings, closers: Closers): Promise<Stage> {
  const authority = await startAuthority(settings);
  closers.push(() => authority.child.stop());
  const house = await startNode('house', settings, authority);
  closers.push(() => house.child.stop());
  const halls = await Halls.open(settings, authority);
  closers.push(() => halls.stop());
  await halls.enter('house', house.url);
  await halls.prepare(FIRST_BIDS);
  const first = await halls.saturate('house', FIRST_MS, 1);
  const answerBytes = Math.round(first.answerBytes / first.answered);
  const { env, signal, profile } = settings;
  const empty = new Child({
    pinning: [],
    nodeOptions: profiling('empty', profile),
    file: fileURLToPath(new URL('./empty-server.ts', import.meta.url)),
    args: [house.home, String(answerBytes)],
    ...{ env, signal },
  });
  closers.push(() => empty.stop());
  const { listening } = JSON.parse(await empty.line()) as { listening: string };
  await halls.enter('empty', listening);
  const cryptography = new Cryptography();
  closers.push(() => cryptography.stop());
  return { halls, servers: { house: house.child, empty }, cryptography, answerBytes };
}
