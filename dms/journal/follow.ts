/** How a journal is followed: read what there is, hand it on, wait for more. The same for every engine. */
import type { Position } from '../../shared/wire/vocabulary.ts';
import type { Journal, Recorded, Start } from './journal.ts';

/** Records that are handed on in one call. */
const PAGE = 512;
/** A wake-up that got lost delays a follower by this much and no more. */
const POLL_MS = 500;

/** Rings when something may have been appended. */
export class Bell {
  #next = Promise.withResolvers<void>();

  /** Resolves at the next ring. Ask before reading: a ring between the two is then not missed. */
  next(): Promise<void> {
    return this.#next.promise;
  }

  ring(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers<void>();
  }
}

/**
 * Hands on every record after `after` once, in order, and those to come as they come, until `stop`. The next call waits
 * for the one before. Rejects with what `read` or `on` reject with.
 */
export async function follow(
  journal: Pick<Journal, 'read'>,
  bell: Bell,
  after: Start,
  on: (records: Recorded[]) => Promise<void>,
  stop: AbortSignal,
): Promise<void> {
  let position = typeof after === 'function' ? after() : after;
  const wake = () => bell.ring();
  const poll = setInterval(wake, POLL_MS);
  stop.addEventListener('abort', wake);
  try {
    while (!stop.aborted) {
      const rung = bell.next();
      // Never back: what was handed on is not handed on again.
      if (typeof after === 'function') position = Math.max(position, after()) as Position;
      const records = await journal.read(position, PAGE);
      const last = records.at(-1);
      if (last === undefined) await rung;
      else if (!stop.aborted) {
        await on(records);
        position = last.position;
      }
    }
  } finally {
    clearInterval(poll);
    stop.removeEventListener('abort', wake);
  }
}
