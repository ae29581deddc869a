/** The end of the workload: the clock beyond every closing, everybody told, and the books opened. */
import { delay } from '../../client/connection/back-off.ts';
import type { BenchSettings } from '../bench.ts';
import { openBooks, type Verified } from './audit/open-books.ts';
import { RULES } from './audit/problem.ts';
import { isTold } from './notices.ts';
import type { Stage } from './stage.ts';

/** Of the time that bids may travel and lots wait for them, and some more. */
const BEYOND_MS = 10_000;
const LIMIT_MS = 60_000;
const LOOK_MS = 100;
/** So many problems are told in full. */
const MOST_TOLD = 5;

/** Everybody is back. Throws where anything does not hold that the auditor knows of. */
export async function end(stage: Stage, { folder, env }: BenchSettings): Promise<Verified> {
  const { crowd, node, authority, root, director } = stage;
  await director.settled();
  await inTime(() => crowd.isWhole);
  const isOver = await closeAll(stage);
  await crowd.end();
  const audit = await openBooks({
    ...{ folder, env, isOver, notes: stage.notes() },
    ...{ nodeUrl: node.url, trustedServiceUrl: authority.url, rootSha256: root.sha256 },
  });
  const told = audit.problems.slice(0, MOST_TOLD).map(({ rule, detail }) => `${RULES[rule]} ${detail}`);
  if (told.length > 0) throw new Error(`${audit.problems.length} things do not hold:\n${told.join('\n')}`);
  return audit;
}

/** Whether everybody heard of everything in time. */
async function closeAll({ board, operator, crowd, noticed }: Stage): Promise<boolean> {
  const last = Math.max(board.now(), ...board.all().map(({ closesAt }) => closesAt));
  await operator.setTime(last + BEYOND_MS);
  return inTime(async () => {
    noticed.add(await crowd.collect(0));
    return board.all().every((lot) => isTold(lot, noticed));
  });
}

async function inTime(look: () => boolean | Promise<boolean>): Promise<boolean> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  while (!(await look())) {
    if (signal.aborted) return false;
    await delay(LOOK_MS, signal);
  }
  return true;
}
