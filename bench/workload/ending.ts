/** The end of the workload: the clock beyond every closing, everybody told, and the books opened. */
import type { BenchSettings } from '../bench.ts';
import { openBooks, type Verified } from './audit/open-books.ts';
import { RULES } from './audit/problem.ts';
import { inTime } from './in-time.ts';
import type { HeardLot } from './lot-board.ts';
import { isTold } from './notices.ts';
import type { Stage } from './stage.ts';

/** Of the time that bids may travel and lots wait for them, and some more. */
const BEYOND_MS = 10_000;
/** Notices that have not come by then never will. */
const LIMIT_MS = 60_000;
/** So many problems are told in full. */
const MOST_TOLD = 5;

/** Everybody is back. Throws where anything does not hold that the auditor knows of. */
export async function end(stage: Stage, { folder, env }: BenchSettings): Promise<Verified> {
  const { crowd, node, authority, root, director } = stage;
  await director.settled();
  await inTime(() => crowd.isWhole, LIMIT_MS);
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
async function closeAll(stage: Stage): Promise<boolean> {
  const { board, operator } = stage;
  const last = Math.max(board.now(), ...board.all().map(({ closesAt }) => closesAt));
  await operator.setTime(last + BEYOND_MS);
  return areTold(stage, () => true);
}

/** Whether the parties of these lots hear in time how they ended. */
export function areTold(
  { board, crowd, noticed }: Stage,
  isMeant: (lot: HeardLot) => boolean,
  signal?: AbortSignal,
): Promise<boolean> {
  const look = async () => {
    noticed.add(await crowd.collect(0));
    const lots = board.all().filter(isMeant);
    return lots.every((lot) => isTold(lot, noticed));
  };
  return inTime(look, LIMIT_MS, signal);
}
