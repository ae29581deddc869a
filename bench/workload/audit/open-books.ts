/** The end of a run: the journal exported and verified as anybody would, by processes, and then held against everybody's notes. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readNotes } from '../notes.ts';
import { auditRun, type RunAudit } from './audit-run.ts';
import type { Problem } from './problem.ts';
import { readBundle } from './recorded.ts';

const GAVEL = fileURLToPath(new URL('../../../gavel.ts', import.meta.url));

export interface Books {
  /** The bundle goes there. */
  readonly folder: string;
  readonly nodeUrl: string;
  readonly trustedServiceUrl: string;
  /** The fingerprint of the root. */
  readonly rootSha256: string;
  /** Files of notes, one for each life of a process. */
  readonly notes: readonly string[];
  /** The clock was set beyond every closing, and everybody was given the time to hear of it. */
  readonly isOver: boolean;
  /** Of both processes. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Verified extends RunAudit {
  /** What `gavel verify` printed last. */
  readonly verdict: string;
}

interface Ending {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function openBooks(books: Books): Promise<Verified> {
  const { folder, nodeUrl, trustedServiceUrl, rootSha256, env } = books;
  const bundle = join(folder, 'journal.jsonl');
  const root = ['--root', `sha256:${rootSha256}`];
  const from = ['--log', nodeUrl, '--trusted-service-url', trustedServiceUrl];
  const exported = await gavel(['export', '--out', bundle, ...from, ...root, '--json'], env);
  const verified = await gavel(['verify', '--bundle', bundle, ...root, '--json'], env);
  const broken: Problem[] = [exported, verified]
    .filter(({ code }) => code !== 0)
    .map(({ code, out, err }) => ({
      rule: 'journal-broken',
      detail: `exit code ${code}: ${err}${out.split('\n').slice(-3).join('\n')}`,
    }));
  const { notes, isOver } = books;
  const audit = await auditRun({ records: await readBundle(bundle), notes: notes.map(readNotes), isOver });
  return {
    ...audit,
    problems: [...broken, ...audit.problems],
    verdict: verified.out.trimEnd().split('\n').at(-1) ?? '',
  };
}

/** What it prints of a long journal is long. */
const MOST_OUTPUT = 256 * 1_048_576;

function gavel(args: readonly string[], env: Books['env']): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...env }, maxBuffer: MOST_OUTPUT };
    execFile(process.execPath, [GAVEL, ...args], options, (error, out, err) => {
      if (error === null) resolve({ code: 0, out, err });
      else if (typeof error.code === 'number') resolve({ code: error.code, out, err });
      else reject(error);
    }).stdin?.end();
  });
}
