/** Every refusal as problem details (RFC 9457), with the stable code that programs compare. */
import { adviceFor, ProtocolError, type RefusalCode } from '../../shared/errors.ts';
import type { Problem } from '../../shared/wire/http-endpoints.ts';
import type { Answer } from './route.ts';
import { isPassing, statusOf, TOO_MANY_REQUESTS } from './status-codes.ts';

const RETRY_AFTER_SECONDS = '1';

/** The answer to what was thrown. What is no refusal is 'internal', without a word of its own. */
export function answerProblem(error: unknown): Answer {
  const { code, detail, retryAfterMs } = refusalOf(error) ?? new ProtocolError('internal');
  const problem = describeProblem(code, detail, retryAfterMs === undefined ? statusOf(code) : TOO_MANY_REQUESTS);
  const retryAfter = retryAfterMs === undefined ? RETRY_AFTER_SECONDS : String(Math.ceil(retryAfterMs / 1_000));
  const headers = {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    ...passingHeaders(code),
    ...(retryAfterMs === undefined ? {} : { 'Retry-After': retryAfter }),
    // RFC 9110 section 11.6.1: a 401 says how to do better.
    ...(code === 'operator-token-required' ? { 'WWW-Authenticate': 'Bearer' } : {}),
  };
  return { status: problem.status, headers, body: JSON.stringify(problem) };
}

/** Says when to try again, where that may help. */
export function passingHeaders(code: RefusalCode): Readonly<Record<string, string>> {
  return isPassing(code) ? { 'Retry-After': RETRY_AFTER_SECONDS } : {};
}

/** The problem details of a refusal. */
export function describeProblem(code: RefusalCode, detail?: string, status: number = statusOf(code)): Problem {
  // RFC 9457 section 3.1: the type names the kind of problem, and the title says it in words, always the same ones.
  const kind = { type: `urn:x-gavel:${code}`, title: adviceFor(code), status, code };
  return detail === undefined ? kind : { ...kind, detail };
}

/**
 * The refusal in what was thrown, if it is one: ours, or the web framework's own, which carries a status of 4xx and
 * whose text could hold what was sent.
 */
export function refusalOf(error: unknown): ProtocolError | undefined {
  if (error instanceof ProtocolError) return error;
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  if (error.status === 413) return new ProtocolError('frame-too-large');
  return error.status >= 400 && error.status < 500 ? new ProtocolError('malformed') : undefined;
}
