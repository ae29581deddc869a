/** Who waits for a commit: in order of arrival, each id once. */
import { invariant } from '../../shared/invariant.ts';
import type { Accepted, Refused } from '../../shared/wire/commands.ts';
import type { Request } from './request.ts';

/** Commands that may wait for their commit: a second of a slow disk. More would only wait longer than their senders do. */
const MAX_WAITING = 8_192;

/** A request with somebody who waits for its answer. */
export interface Waiting extends Request<unknown> {
  readonly answer: Promise<unknown>;
  settle(answer: unknown): void;
  fail(error: unknown): void;
}

export class RequestQueue {
  /** What the next batch is taken from, oldest first. */
  readonly next: Waiting[] = [];
  /** By id: everything that has no answer yet, the batch under way too. */
  readonly #unanswered = new Map<string, Waiting>();
  #failure: { readonly error: unknown } | undefined;

  get isFull(): boolean {
    return this.#unanswered.size >= MAX_WAITING;
  }

  /** The request with the same id that waits already, whoever has signed it. */
  waiting(id: string): Waiting | undefined {
    return this.#unanswered.get(id);
  }

  /** Resolves with the answer. The same id by the same signer is the same request sent twice: one place, one answer. */
  enter<No>(request: Request<No>): Promise<Accepted | Refused | No> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    const already = this.#unanswered.get(request.id);
    if (already !== undefined) {
      invariant(already.subject === request.subject, 'an id waits for one signer at a time');
      // The id's form tells what kind of request it is, so the answer is of the same type.
      return already.answer as Promise<Accepted | Refused | No>;
    }
    const { promise, resolve, reject } = Promise.withResolvers<Accepted | Refused | No>();
    const waiting: Waiting = { ...request, answer: promise, settle: (answer) => resolve(answer as No), fail: reject };
    this.#unanswered.set(request.id, waiting);
    this.next.push(waiting);
    return promise;
  }

  settle(waiting: Waiting, answer: unknown): void {
    this.#unanswered.delete(waiting.id);
    waiting.settle(answer);
  }

  /** To the front again, in their order: they are decided before what came later. */
  putBack(waiting: readonly Waiting[]): void {
    this.next.unshift(...waiting);
  }

  /** Ends everything that waits, and all that will ever enter, in this error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    for (const waiting of this.#unanswered.values()) waiting.fail(error);
    this.#unanswered.clear();
    this.next.length = 0;
  }
}
