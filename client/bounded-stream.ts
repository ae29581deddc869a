/** Events as an async iterator that loses nothing: it waits for its reader up to a limit, and past that fails aloud. */

import { invariant } from '../shared/invariant.ts';
import { FailedError } from './errors.ts';

/** Events that may wait for a slow reader; at some hundred bytes each that is a few megabytes. */
export const MAX_WAITING_EVENTS = 16_384;

/**
 * A queue with one reader. `push` never waits. A reader that falls `limit` events behind gets what is there and then
 * the refusal `too-slow`: it has to fetch everything afresh. `end` lets the reader finish what is there.
 */
export class BoundedStream<Event> implements AsyncIterableIterator<Event, undefined> {
  readonly #limit: number;
  readonly #onReturn: () => void;
  #waiting: Event[] = [];
  #state: 'open' | 'ended' | 'overflowed' = 'open';
  #wake: (() => void) | undefined;

  constructor(options: { readonly limit?: number; readonly onReturn?: () => void } = {}) {
    this.#limit = options.limit ?? MAX_WAITING_EVENTS;
    this.#onReturn = options.onReturn ?? (() => undefined);
  }

  push(event: Event): void {
    if (this.#state !== 'open') return;
    if (this.#waiting.length >= this.#limit) this.#finish('overflowed');
    else this.#waiting.push(event);
    this.#wake?.();
  }

  end(): void {
    if (this.#state === 'open') this.#finish('ended');
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<Event, undefined>> {
    invariant(this.#wake === undefined, 'a stream has one reader, which waits for each event before it asks again');
    while (this.#waiting.length === 0) {
      if (this.#state === 'ended') return { done: true, value: undefined };
      if (this.#state === 'overflowed') throw new FailedError('too-slow', { detail: 'the reader fell behind' });
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    return { done: false, value: this.#waiting.shift() as Event };
  }

  /** The reader's `break`: nothing more is kept for it. */
  async return(): Promise<IteratorResult<Event, undefined>> {
    this.#waiting = [];
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(state: 'ended' | 'overflowed'): void {
    this.#state = state;
    this.#onReturn();
  }
}
