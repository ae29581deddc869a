/** Checks all seals of an open journal at once, with several threads: the more there is, the more of them. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { ProtocolError } from '../../shared/errors.ts';
import { SEALED } from './seals.ts';

/** What one thread is to check: the pages `from + 1` … `to` of a file. */
export interface SealCheck {
  readonly file: string;
  readonly from: number;
  readonly to: number;
}

/** What it found. */
export type SealVerdict = { readonly broken?: number } | { readonly failed: string };

/** For fewer pages a thread is not worth its start. */
const PAGES_FOR_A_THREAD = 32;

/** Throws `journal-damaged` unless the first `records` records are those that were sealed. The file is open elsewhere. */
export async function checkSeals(file: string, records: number): Promise<void> {
  const pages = Math.floor(records / SEALED);
  const threads = Math.min(availableParallelism(), Math.ceil(pages / PAGES_FOR_A_THREAD));
  const share = Math.ceil(pages / threads);
  const checks = Array.from({ length: threads }, (_, index) => {
    const from = index * share;
    return runCheck({ file, from, to: Math.min(pages, from + share) });
  });
  for (const verdict of await Promise.all(checks)) {
    if ('failed' in verdict) throw new ProtocolError('journal-damaged', verdict.failed);
    const { broken } = verdict;
    if (broken === undefined) continue;
    const last = broken * SEALED;
    throw new ProtocolError('journal-damaged', `between position ${last - SEALED + 1} and ${last}`);
  }
}

async function runCheck(check: SealCheck): Promise<SealVerdict> {
  const worker = new Worker(new URL('./seal-worker.ts', import.meta.url), { workerData: check });
  const [verdict] = await once(worker, 'message');
  return verdict;
}
