/** The end of a soak: the clock beyond every closing, everybody told, the journal exported and verified, the audit. */
import { join } from 'node:path';
import { gavel } from '../support/gavel-process.ts';
import { until } from '../support/until.ts';
import { auditSoak, type SoakAudit } from './audit/audit-soak.ts';
import type { Problem } from './audit/problem.ts';
import { readBundle } from './audit/recorded.ts';
import { readNotes } from './notes.ts';
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

export interface Verified extends SoakAudit {
  /** What `gavel verify` printed last. */
  readonly verdict: string;
}

/** `problems` of the run itself come first. */
export async function auditTown(town: Town, folder: string, isOver: boolean): Promise<Verified> {
  const { house, notes } = town;
  const bundle = join(folder, 'journal.jsonl');
  const root = ['--root', `sha256:${house.root.sha256}`];
  const from = ['--log', house.nodeUrl, '--trusted-service-url', house.trustedServiceUrl];
  const exported = await gavel(['export', '--out', bundle, ...from, ...root, '--json'], {});
  const verified = await gavel(['verify', '--bundle', bundle, ...root, '--json'], {});
  const broken: Problem[] = [exported, verified]
    .filter(({ code }) => code !== 0)
    .map(({ code, out, err }) => ({
      rule: 'journal-broken',
      detail: `exit code ${code}: ${err}${out.split('\n').slice(-3).join('\n')}`,
    }));
  const audit = await auditSoak({ records: await readBundle(bundle), notes: notes.map(readNotes), isOver });
  return {
    ...audit,
    problems: [...broken, ...audit.problems],
    verdict: verified.out.trimEnd().split('\n').at(-1) ?? '',
  };
}
