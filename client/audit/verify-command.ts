/** `gavel verify`: from the root's fingerprint alone to what holds, or to the first record that does not. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { loadRoot } from '../../shared/http-client.ts';
import { ClientError } from '../client-error.ts';
import type { Environment } from '../environment.ts';
import { EXIT } from '../exit-codes.ts';
import { type AuditIo, complain } from './audit-io.ts';
import { type AuditReport, auditJournal } from './audit-journal.ts';
import { demandRoot, givenRoot, parseLogOptions, type VerifyOptions } from './options.ts';
import { openBundle } from './read-bundle.ts';
import { openLog } from './read-log.ts';
import { jsonLines, plainLines } from './report.ts';
import { readEvidence, tellEvidence } from './verify-evidence-command.ts';

/** Resolves with the exit code: 6 where something does not hold, 5 where nobody answers. */
export async function runVerify(options: VerifyOptions, io: AuditIo): Promise<number> {
  try {
    const { evidence } = options;
    if (evidence !== undefined) return await verifyEvidenceFile(evidence, options, io);
    return await tell(await auditNamed(options, io), options, io);
  } catch (error) {
    return complain(error, io);
  }
}

/** Prints a report. Resolves with its exit code. */
export async function tell(
  report: AuditReport,
  { json }: { readonly json?: boolean },
  { stdout }: AuditIo,
  facts: object = {},
): Promise<number> {
  const lines = json === true || stdout.isTTY !== true ? jsonLines(report, facts) : plainLines(report);
  await pipeline(Readable.from(lines), stdout, { end: false });
  return report.finding === undefined ? EXIT.done : EXIT.untrusted;
}

/** Beside a bundle both are verified, and whether they agree. */
async function verifyEvidenceFile(path: string, options: VerifyOptions, io: AuditIo): Promise<number> {
  const source = givenRoot(options, io.env);
  const read = await readEvidence(path);
  await demandRoot(source, read.root);
  const { bundle } = options;
  const journal = bundle === undefined ? undefined : await auditBundle(bundle, options, io.env);
  const told = journal === undefined ? EXIT.done : await tell(journal, options, io);
  return Math.max(told, await tellEvidence(read, journal, options, io));
}

function auditNamed(options: VerifyOptions, { env, signal }: AuditIo): Promise<AuditReport> {
  const { bundle, log } = options;
  if (bundle !== undefined && log !== undefined)
    throw new ClientError('option-malformed', '--log or --bundle, not both');
  return bundle === undefined ? auditLog(options, env, signal) : auditBundle(bundle, options, env);
}

async function auditBundle(path: string, options: VerifyOptions, env: Environment): Promise<AuditReport> {
  const source = givenRoot(options, env);
  const { copy, root, close } = await openBundle(path);
  try {
    await demandRoot(source, root);
    return await auditJournal(copy, root);
  } finally {
    await close();
  }
}

async function auditLog(options: VerifyOptions, env: Environment, signal: AbortSignal): Promise<AuditReport> {
  const source = givenRoot(options, env);
  const addresses = parseLogOptions(options, env);
  const root = await loadRoot(source, addresses.trustedServiceUrl);
  const { copy, close } = await openLog({ ...addresses, root, signal });
  try {
    return await auditJournal(copy, root);
  } finally {
    await close();
  }
}
