/** `gavel verify --evidence`: what somebody else's evidence proves, and whether a journal denies it. */
import { utf8 } from '../../shared/bytes.ts';
import { ProtocolError } from '../../shared/errors.ts';
import { type Certificate, verifyRoot } from '../../shared/pki/verify-certificate.ts';
import { parseStrictJson } from '../../shared/strict-json.ts';
import { ClientError } from '../client-error.ts';
import { EXIT } from '../exit-codes.ts';
import { formatJsonLine } from '../line/json-line.ts';
import type { KeptReceipt } from '../proof/proof-store.ts';
import type { AuditIo } from './audit-io.ts';
import type { AuditReport } from './audit-journal.ts';
import { Evidence, type Proven, verifyEvidence, verifyOpened } from './evidence.ts';
import { provenData, provenSentences } from './evidence-report.ts';
import { AUDIT_RULES, BrokenRule, demand, type Finding } from './finding.ts';
import { readTextFile } from './read-text-file.ts';
import { findingSentence } from './report.ts';

/** Reads a file of evidence, and the root that it was made under. Throws `ClientError`. */
export async function readEvidence(path: string): Promise<{ evidence: Evidence; root: Certificate }> {
  const text = await readTextFile(path);
  try {
    const parsed = Evidence.safeParse(parseStrictJson(utf8.encode(text)));
    if (parsed.success) return { evidence: parsed.data, root: verifyRoot(parsed.data.root) };
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new ClientError('evidence-malformed', path, { cause });
  }
  throw new ClientError('evidence-malformed', path);
}

/** Says of each command what is proven. Resolves with the exit code: 6 where one is not, or where the journal denies it. */
export async function tellEvidence(
  { evidence, root }: { readonly evidence: Evidence; readonly root: Certificate },
  journal: AuditReport | undefined,
  { json }: { readonly json?: boolean },
  { stdout }: Pick<AuditIo, 'stdout'>,
): Promise<number> {
  const isJson = json === true || stdout.isTTY !== true;
  let exit: number = EXIT.done;
  const all = [
    ...evidence.commands.map((command) => ({ command, verify: () => verifyEvidence(evidence, command, root) })),
    ...(evidence.opened ?? []).map((one) => ({ ...one, verify: () => verifyOpened(evidence, one, root) })),
  ];
  for (const one of all) {
    const judged = await judge(one, journal);
    if ('finding' in judged) exit = EXIT.untrusted;
    stdout.write(`${isJson ? jsonLine(judged) : sentences(judged)}\n`);
  }
  return exit;
}

type Judged = { readonly finding: Finding } | { readonly proven: Proven };

async function judge(
  { command, verify }: { readonly command: KeptReceipt; verify(): Promise<Proven> },
  journal: AuditReport | undefined,
): Promise<Judged> {
  try {
    const proven = await verify();
    if (journal !== undefined) demandRecorded(proven, journal);
    return { proven };
  } catch (error) {
    if (!(error instanceof BrokenRule)) throw error;
    const { rule, detail } = error;
    return { finding: { rule, position: command.position, ...(detail !== undefined && { detail }) } };
  }
}

/** A journal that is younger than the receipt has the record, and a longer one has it unchanged. */
function demandRecorded(
  { claims, position, leaf, checkpoint }: Proven,
  { checkpoint: shown, tree }: AuditReport,
): void {
  if (shown === undefined || tree === undefined) return;
  if (shown.house !== claims.aud) throw new ClientError('evidence-malformed', 'the journal is of another house');
  if (position <= tree.size) {
    demand(tree.has(leaf, position), 'receipt-denied', `record ${position} is another one`);
    return;
  }
  const isShorter = shown.size < checkpoint.size && shown.time > checkpoint.time;
  demand(!isShorter, 'receipt-denied', `the later journal has ${shown.size} records, the receipt's ${checkpoint.size}`);
}

function sentences(judged: Judged): string {
  return 'finding' in judged ? findingSentence(judged.finding) : provenSentences(judged.proven);
}

function jsonLine(judged: Judged): string {
  if ('finding' in judged) {
    const data = { ...judged.finding, advice: AUDIT_RULES[judged.finding.rule] };
    return formatJsonLine({ type: 'finding', data }, { at: 0, simulated: false });
  }
  const { proven } = judged;
  const time = { at: proven.checkpoint.time, simulated: proven.stamp.clock === 'simulated' };
  return formatJsonLine({ type: 'proof', data: provenData(proven) }, time);
}
