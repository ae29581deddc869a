/** Trying again, later and later: the one door of `cockatiel`. */
import { ExponentialBackoff, halfJitterGenerator } from 'cockatiel';
import { ProtocolError } from '../../shared/errors.ts';

/** An attempt failed, and the next one comes in `delayMs`. */
export interface Setback {
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly error: unknown;
  readonly delayMs: number;
}

export interface BackOffOptions {
  /** Whether an error may be gone at the next attempt. */
  readonly passes: (error: unknown) => boolean;
  /** No attempt and no pause outlives it. */
  readonly signal: AbortSignal;
  /** The longest pause that is our own choice; who asks for a longer one gets it. */
  readonly maxDelayMs: number;
  readonly initialDelayMs?: number;
  readonly onSetback?: (setback: Setback) => void;
}

const INITIAL_DELAY_MS = 200;

/**
 * Calls `attempt` until it succeeds; pauses double up to the greatest, with half of each at random, so that clients
 * who lost the same server don't return in one moment; a pause that a server asks for goes before. Throws the first error that does not pass, and the last one
 * when `signal` ends the trying.
 */
export async function untilItSucceeds<Result>(
  attempt: () => Promise<Result>,
  options: BackOffOptions,
): Promise<Result> {
  const { passes, signal, maxDelayMs: maxDelay, initialDelayMs: initialDelay = INITIAL_DELAY_MS } = options;
  let pause = new ExponentialBackoff({ generator: halfJitterGenerator, maxDelay, initialDelay }).next();
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || !passes(error)) throw error;
      const delayMs = pause.duration + askedPause(error);
      options.onSetback?.({ attempt: count, error, delayMs });
      await delay(delayMs, signal);
      if (signal.aborted) throw error;
    }
    pause = pause.next(undefined);
  }
}

/** How long the server wants to be left alone. */
export function askedPause(error: unknown): number {
  return error instanceof ProtocolError ? (error.retryAfterMs ?? 0) : 0;
}

/** Resolves after `ms`, or at once when `signal` is aborted. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
