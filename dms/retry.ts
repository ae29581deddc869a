/** How the DMS asks again when the Trusted Service does not answer: the one door of `cockatiel`. */
import {
  bulkhead,
  DelegateBackoff,
  ExponentialBackoff,
  handleWhen,
  type IBackoff,
  type IRetryBackoffContext,
  retry,
  wrap,
} from 'cockatiel';
import { ProtocolError, type RefusalCode } from '../shared/errors.ts';
import type { Log } from './log.ts';

/** The first wait; it doubles, with some chance in it, so that several nodes do not ask in step. */
const FIRST_WAIT_MS = 200;
/** The longest wait: a service that is back is noticed within this. */
const LONGEST_WAIT_MS = 5_000;
/** The longest that the service's own word is taken for: it counts requests by the minute. */
const LONGEST_ASKED_MS = 60_000;

/** An answer that another attempt would get again: what was sent is wrong, or whom it was sent to. */
const FINAL: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'certificate-malformed',
  'clock-not-simulated',
  'csr-invalid',
  'disclosure-conflict',
  'evidence-invalid',
  'frame-too-large',
  'host-not-allowed',
  'journal-behind',
  'malformed',
  'not-found',
  'operator-token-required',
  'peer-untrusted',
  'timestamp-wrong-clock',
]);

/** Whether a refusal can end by itself, when time passes or the service comes back. A bug never does. */
function isPassing(error: unknown): boolean {
  return error instanceof ProtocolError && !FINAL.has(error.code);
}

/** Calls `attempt` until it succeeds; throws when it is refused for good, or once `signal` is aborted. */
export type Retry = <Result>(attempt: () => Promise<Result>, signal?: AbortSignal) => Promise<Result>;

/**
 * A way to repeat calls to the Trusted Service. `what` says in the log what waits; `atOnce` of all its calls run at the
 * same time, the others wait for their turn.
 */
export function createRetry(what: string, log: Log, atOnce: number = 1): Retry {
  const again = retry(handleWhen(isPassing), { maxAttempts: Number.POSITIVE_INFINITY, backoff: createBackoff() });
  again.onRetry((event) => {
    const error = 'error' in event && event.error instanceof ProtocolError ? event.error : undefined;
    log.warn(
      { code: error?.code, detail: error?.detail, attempt: event.attempt, nextInMs: Math.round(event.delay) },
      `${what}: the Trusted Service does not help now; trying again`,
    );
  });
  // The turns are inside: who waits for another attempt holds none.
  const policy = wrap(again, bulkhead(atOnce, Number.POSITIVE_INFINITY));
  return (attempt, signal) => policy.execute(attempt, signal);
}

/** Later and later, and no sooner than the service asks for. */
function createBackoff(): DelegateBackoff<IRetryBackoffContext<unknown>, IBackoff<unknown>> {
  const first = new ExponentialBackoff({ initialDelay: FIRST_WAIT_MS, maxDelay: LONGEST_WAIT_MS });
  return new DelegateBackoff(({ result }, last: IBackoff<unknown> = first.next()) => {
    const asked = 'error' in result && result.error instanceof ProtocolError ? (result.error.retryAfterMs ?? 0) : 0;
    return { delay: Math.max(last.duration, Math.min(asked, LONGEST_ASKED_MS)), state: last.next(undefined) };
  });
}
