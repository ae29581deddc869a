/**
 * Whose work is done next. Each has a queue of his own and the queues take turns, so that a flood by one delays only
 * himself, and one by many hardly anybody who asks for less than they.
 */
import { availableParallelism } from 'node:os';
import { ProtocolError } from '../../shared/errors.ts';
import { TurnQueue } from './turn-queue.ts';

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

/** Enough to keep a thread of the intake busy while answers are on their way, and no more: whoever comes waits for what is under way. */
const AT_ONCE_PER_CORE = 4;
/** Of commands. One core is for everything else. At 16 KiB each 4 MiB of one participant wait, and 64 of all. */
const atOnce = AT_ONCE_PER_CORE * Math.max(1, availableParallelism() - 1);
export const COMMAND_TURNS: TurnLimits = { atOnce, waiting: 256, waitingInAll: 4_096, waitingInCrowd: 4 };
/**
 * Of authentications, which take their turns by address before anybody knows whose they are. So few at once that those
 * who are here already hardly notice a thousand who come back.
 */
export const ADMISSION_TURNS: TurnLimits = { atOnce: 2, waiting: 256, waitingInAll: 4_096, waitingInCrowd: 16 };

type Job = () => Promise<void>;

/** `Who` is whoever takes turns: a participant, or an address. */
export class FairTurns<Who> {
  readonly #limits: TurnLimits;
  readonly #queue = new TurnQueue<Who, Job>();
  #running = 0;

  constructor(limits: TurnLimits = COMMAND_TURNS) {
    this.#limits = limits;
  }

  /** How much work of one waits for its turn. */
  waitingOf(who: Who): number {
    return this.#queue.sizeOf(who);
  }

  /** Does `work` when it is `who`'s turn, and settles as `work` does. Throws 'too-many-requests' at once if too much waits. */
  take<Result>(who: Who, work: () => Promise<Result>): Promise<Result> {
    if (!this.#hasRoom(this.waitingOf(who))) return Promise.reject(new ProtocolError('too-many-requests'));
    return new Promise((resolve, reject) => {
      this.#queue.add(who, () => work().then(resolve, reject));
      this.#start();
    });
  }

  #hasRoom(own: number): boolean {
    const { waiting, waitingInAll, waitingInCrowd } = this.#limits;
    if (this.#queue.size >= waitingInAll) return false;
    return own < (this.#queue.size < waitingInAll / 2 ? waiting : waitingInCrowd);
  }

  #start(): void {
    while (this.#running < this.#limits.atOnce) {
      const job = this.#queue.next();
      if (job === undefined) return;
      this.#running += 1;
      void job().finally(() => {
        this.#running -= 1;
        this.#start();
      });
    }
  }
}
