/**
 * Whose work is done next. Each has a queue of his own and the queues take turns, so that a flood by one
 * delays only himself: everybody else waits for a turn of each, not for the flood.
 */
import { ProtocolError } from '../../shared/errors.ts';

export interface TurnLimits {
  /** Work that is done at the same time. What is beyond waits here, where the turns are fair, and not in libuv. */
  readonly atOnce: number;
  /** What may wait of one. */
  readonly waiting: number;
  /** What may wait of all together. */
  readonly waitingInAll: number;
  /** What may wait of one while half of that is taken, so that a few can't take all the room. */
  readonly waitingInCrowd: number;
}

/** Of commands: enough to keep every core's cryptography busy. At 16 KiB each 4 MiB of one participant wait, and 64 of all. */
export const COMMAND_TURNS: TurnLimits = { atOnce: 32, waiting: 256, waitingInAll: 4_096, waitingInCrowd: 4 };
/**
 * Of authentications, which take their turns by address before anybody knows whose they are. So few at once that those
 * who are here already hardly notice a thousand who come back.
 */
export const ADMISSION_TURNS: TurnLimits = { atOnce: 8, waiting: 256, waitingInAll: 4_096, waitingInCrowd: 16 };

type Job = () => Promise<void>;

/** `Who` is whoever takes turns: a participant, or an address. */
export class FairTurns<Who> {
  readonly #limits: TurnLimits;
  /** Only those with waiting work; the one whose turn is next comes first. */
  readonly #queues = new Map<Who, Job[]>();
  #running = 0;
  #waiting = 0;

  constructor(limits: TurnLimits = COMMAND_TURNS) {
    this.#limits = limits;
  }

  /** Does `work` when it is `who`'s turn, and settles as `work` does. Throws 'too-many-requests' at once if too much waits. */
  take<Result>(who: Who, work: () => Promise<Result>): Promise<Result> {
    const queue = this.#queues.get(who) ?? [];
    if (!this.#hasRoom(queue.length)) return Promise.reject(new ProtocolError('too-many-requests'));
    return new Promise((resolve, reject) => {
      queue.push(() => work().then(resolve, reject));
      this.#waiting += 1;
      this.#queues.set(who, queue);
      this.#start();
    });
  }

  #hasRoom(own: number): boolean {
    const { waiting, waitingInAll, waitingInCrowd } = this.#limits;
    if (this.#waiting >= waitingInAll) return false;
    return own < (this.#waiting < waitingInAll / 2 ? waiting : waitingInCrowd);
  }

  #start(): void {
    while (this.#running < this.#limits.atOnce) {
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
    const [who, queue] = first;
    const job = queue.shift();
    this.#waiting -= 1;
    // To the end of the round, unless nothing of his waits any more.
    this.#queues.delete(who);
    if (queue.length > 0) this.#queues.set(who, queue);
    return job;
  }
}
