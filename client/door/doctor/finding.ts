/** What the doctor says of one thing, how it reads, and what it makes of the exit code. */

import { EXIT } from '../../exit-codes.ts';
import { complaintOf } from '../../line/facts-of.ts';
import { printableLine } from '../../store/printable.ts';

export type State = 'ok' | 'warn' | 'fail';

/** `data` has the measured values, for programs. */
export interface Finding {
  readonly name: string;
  readonly state: State;
  readonly says: string;
  /** What to do about it. */
  readonly advice?: string;
  /** Of a failure: what it means for the exit code. */
  readonly exit?: number;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A thing without its name. */
export type Verdict = Omit<Finding, 'name'>;

/** Looks at one thing. What it throws for people to mend is what is wrong with it. */
export async function look(name: string, examine: () => Promise<Verdict> | Verdict): Promise<Finding> {
  try {
    return { name, ...(await examine()) };
  } catch (error) {
    const complaint = complaintOf(error);
    if (complaint === undefined) throw error;
    const { code, advice, detail, exitCode } = complaint;
    const says = detail === undefined ? code : `${code}: ${printableLine(detail)}`;
    return { name, state: 'fail', says, advice, exit: exitCode, data: { code } };
  }
}

/** A thing that can't be looked at because of another one. */
export function unseen(name: string, why: string): Finding {
  return { name, state: 'warn', says: `not looked at: ${why}` };
}

/** What is gravest decides: nothing that does not verify is to be used, whatever else is wrong. */
const GRAVEST_FIRST = [EXIT.untrusted, EXIT.usage, EXIT.unreachable] as const;

/** 0 where nothing failed; else 6, 2, 5, or 1 for everything else. */
export function exitCodeOf(findings: readonly Finding[]): number {
  const failed = findings.filter(({ state }) => state === 'fail').map(({ exit }) => exit);
  if (failed.length === 0) return EXIT.done;
  return GRAVEST_FIRST.find((code) => failed.includes(code)) ?? EXIT.failure;
}

const MARKS: Readonly<Record<State, string>> = { ok: '✓ ok  ', warn: '! warn', fail: '✗ FAIL' };

/** A row for each, and below it what to do. */
export function tableOf(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const rows = findings.flatMap(({ name, state, says, advice }) => [
    `${MARKS[state]}  ${name.padEnd(width)}  ${says}`,
    ...(advice === undefined ? [] : [`${' '.repeat(MARKS[state].length + width + 4)}${advice}`]),
  ]);
  return `${rows.join('\n')}\n`;
}

/** One JSON object with everything. */
export function jsonOf(findings: readonly Finding[]): string {
  const checks = findings.map(({ exit: _exit, ...finding }) => finding);
  return `${JSON.stringify({ v: 1, checks, exitCode: exitCodeOf(findings) })}\n`;
}
