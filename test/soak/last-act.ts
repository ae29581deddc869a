/** The end of a soak: the clock beyond every closing, everybody told, the journal exported and verified, the audit. */
import { openBooks, type Verified } from '../../bench/workload/audit/open-books.ts';
import { until } from '../support/until.ts';
import type { Town } from './town.ts';

/** Of the time that bids may travel and lots wait for them, and some more. */
const BEYOND_MS = 10_000;
const CLOSED_LIMIT_MS = 60_000;
const TOLD_LIMIT_MS = 60_000;

/** Sets the clock beyond every closing. Resolves with whether everybody heard of everything in time. */
export async function closeAll({ house, observer, told }: Town): Promise<boolean> {
  const lots = () => [...observer.model.lots.values()];
  const isOpen = () => lots().some(({ status }) => status === 'open');
  const last = Math.max(observer.time().at, ...lots().map(({ closesAt }) => closesAt));
  await house.operator.setTime(last + BEYOND_MS);
  const due = () =>
    lots().flatMap(({ lot, status }) => (status === 'sold' ? [`${lot} seller`, `${lot} winner`] : [`${lot} seller`]));
  try {
    await until('the closing of every lot', () => !isOpen(), CLOSED_LIMIT_MS);
    await until('all notices', () => due().every((one) => told.has(one)), TOLD_LIMIT_MS);
    return true;
  } catch {
    // The audit says which.
    return false;
  }
}

/** The journal and everybody's notes. */
export function auditTown({ house, notes }: Town, folder: string, isOver: boolean): Promise<Verified> {
  const { nodeUrl, trustedServiceUrl, root } = house;
  const env = { PATH: process.env['PATH'] };
  return openBooks({ folder, nodeUrl, trustedServiceUrl, rootSha256: root.sha256, notes, isOver, env });
}
