/** The process, as `gavel verify` and `gavel export` see it, and what they say where they can't go on. */
import type { Writable } from 'node:stream';
import type { Environment } from '../environment.ts';
import { EXIT, exitCodeForSignal } from '../exit-codes.ts';
import { complaintOf } from '../line/facts-of.ts';
import { printableLine } from '../store/printable.ts';

export interface AuditIo {
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
  readonly env: Environment;
  /** Aborted with the name of the signal that asks the program to end. */
  readonly signal: AbortSignal;
}

/** Says what ended the command, and gives its exit code. What nobody foresaw is thrown on. */
export function complain(error: unknown, { stderr, signal }: AuditIo): number {
  if (signal.aborted) return exitCodeForSignal(signal.reason);
  // Whoever read our output has heard enough; what they did not hear was not verified.
  if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return EXIT.failure;
  const complaint = complaintOf(error);
  if (complaint === undefined) throw error;
  const { code, advice, detail, exitCode } = complaint;
  const more = detail === undefined ? '' : ` (${printableLine(detail)})`;
  stderr.write(`gavel: ${code}: ${advice}${more}\n`);
  return exitCode;
}
