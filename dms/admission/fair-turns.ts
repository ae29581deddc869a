/**
 * Whose work is done next. Each participant has a queue of his own and the queues take turns, so that a flood by one
 * delays only himself: everybody else waits for a turn of each, not for the flood.
 */
import { ProtocolError } from '../../shared/errors.ts';
import type { Subject } from '../../shared/wire/vocabulary.ts';

/** Enough to keep every core's cryptography busy; what is beyond waits here, where the turns are fair, and not in libuv. */
const AT_ONCE = 32;
/** One participant's commands that may wait: at 16 KiB each, 4 MiB at most. */
const MAX_WAITING = 256;

type Job = () => Promise<void>;

export class FairTurns {
  /** Only participants with waiting work; the one whose turn is next comes first. */
  readonly #queues = new Map<Subject, Job[]>();
  #running = 0;

  /** Does `work` when it is `subject`'s turn, and settles as `work` does. Throws 'too-many-requests' at once if too much waits. */
  take<Result>(subject: Subject, work: () => Promise<Result>): Promise<Result> {
    const queue = this.#queues.get(subject) ?? [];
    if (queue.length >= MAX_WAITING) return Promise.reject(new ProtocolError('too-many-requests'));
    return new Promise((resolve, reject) => {
      queue.push(() => work().then(resolve, reject));
      this.#queues.set(subject, queue);
      this.#start();
    });
  }

  #start(): void {
    while (this.#running < AT_ONCE) {
      const job = this.#next();
      if (job === undefined) return;
      this.#running += 1;
      void job().finally(() => {
        this.#running -= 1;
        this.#start();
      });
    }
  }

  #next(): Job | undefined {
    const [first] = this.#queues;
    if (first === undefined) return undefined;
    const [subject, queue] = first;
    const job = queue.shift();
    // To the end of the round, unless nothing of his waits any more.
    this.#queues.delete(subject);
    if (queue.length > 0) this.#queues.set(subject, queue);
    return job;
  }
}
