/** What `/readyz` answers: ready, or problem details (RFC 9457) with every reason there is. */
import { adviceFor, type RefusalCode } from '../../shared/errors.ts';
import { describeProblem } from '../http/problem.ts';
import { type Answer, jsonAnswer } from '../http/route.ts';
import { statusOf } from '../http/status-codes.ts';

export interface ReadinessReason {
  readonly code: RefusalCode;
  readonly detail?: string | undefined;
}

/** 200 without a reason; else the first reason as the problem, and all of them in its member `reasons`. */
export function answerReadiness(all: readonly ReadinessReason[]): Answer {
  const [first] = all;
  if (first === undefined) return jsonAnswer({ status: 'ready' });
  const problem = describeProblem(first.code, first.detail);
  const reasons = all.map(({ code, detail }) => ({ code, title: adviceFor(code), detail }));
  const headers = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' };
  return { status: statusOf(first.code), headers, body: JSON.stringify({ ...problem, reasons }) };
}
