/**
 * Who waits for a commit, each id once. In two lanes, each in order of arrival: what people have sent, and what the house asks
 * of itself. People wait for an answer; ten thousand lots that close at one instant are not in front of their bids.
 */
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

/** What the next batch is taken from, the oldest of each lane first. */
export interface Lanes<R> {
  readonly people: R[];
  readonly house: R[];
}

export class RequestQueue {
  readonly next: Lanes<Waiting> = { people: [], house: [] };
  /** By id: everything that has no answer yet, the batch under way too. */
  readonly #unanswered = new Map<string, Waiting>();
  /** How many of them are people's. */
  #ofPeople = 0;
  #failure: { readonly error: unknown } | undefined;

  get isEmpty(): boolean {
    return this.next.people.length + this.next.house.length === 0;
  }

  /** Whether people's commands have no room left; what the house asks of itself takes none of it. */
  get isFull(): boolean {
    return this.#ofPeople >= MAX_WAITING;
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
    if (isOfPeople(waiting)) this.#ofPeople += 1;
    this.next[isOfPeople(waiting) ? 'people' : 'house'].push(waiting);
    return promise;
  }

  settle(waiting: Waiting, answer: unknown): void {
    if (this.#unanswered.delete(waiting.id) && isOfPeople(waiting)) this.#ofPeople -= 1;
    waiting.settle(answer);
  }

  /** To the front of their lanes again, in their order: they are decided before what came later. */
  putBack(waiting: readonly Waiting[]): void {
    this.next.people.unshift(...waiting.filter(isOfPeople));
    this.next.house.unshift(...waiting.filter((one) => !isOfPeople(one)));
  }

  /** Everything that is in no batch yet. */
  takeAll(): Waiting[] {
    return [...this.next.people.splice(0), ...this.next.house.splice(0)];
  }

  /** Ends everything that waits, and all that will ever enter, in this error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    for (const waiting of this.#unanswered.values()) waiting.fail(error);
    this.#unanswered.clear();
    this.#ofPeople = 0;
    this.takeAll();
  }
}

function isOfPeople({ subject }: Waiting): boolean {
  return subject !== undefined;
}
