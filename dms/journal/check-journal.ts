/** Checks a journal's file as a whole: in threads, so that a long journal takes as long as all cores together need. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { ProtocolError } from '../../shared/errors.ts';
import { type Check, checksOf, damageIn, type Finding } from './checks.ts';
import { SEALED } from './seals.ts';

/** What one thread is given. */
export interface CheckOrder {
  readonly file: string;
  readonly checks: readonly Check[];
}

/** A shorter journal is checked by one thread sooner than several have started. */
const WORTH_THREADS = 32 * SEALED;

/** Throws `journal-damaged` unless the first `head` records and everything about them is sound. The file is open elsewhere. */
export async function checkJournal(file: string, head: number): Promise<void> {
  if (head === 0) return;
  const threads = head < WORTH_THREADS ? 1 : availableParallelism();
  const checks = checksOf(head, threads);
  const orders = threads === 1 ? [{ file, checks }] : checks.map((check) => ({ file, checks: [check] }));
  const findings = await Promise.all(orders.map(inThread));
  const damage = damageIn(findings.flat());
  if (damage !== undefined) throw new ProtocolError('journal-damaged', damage);
}

async function inThread(order: CheckOrder): Promise<Finding[]> {
  const worker = new Worker(new URL('./check-worker.ts', import.meta.url), { workerData: order });
  const [findings] = await once(worker, 'message');
  return findings;
}
