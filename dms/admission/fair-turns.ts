/**
 * Whose work is done next. Each has a queue of his own and the queues take turns, so that a flood by one delays only
 * himself, and one by many hardly anybody who asks for less than they.
 */
import { availableParallelism } from 'node:os';
import { ProtocolError } from '../../shared/errors.ts';
import { TurnQueue } from './turn-queue.ts';

export interface TurnLimits {
  /** Work that is done at the same time. What is beyond waits here, where the turns are fair, and in no thread's queue. */
  readonly atOnce: number;
  /** The same, where what is beyond `atOnce` is by those who had fewer turns than the others: they do not wait for a place. */
  readonly atOnceAhead: number;
  /** What may wait of one. */
  readonly waiting: number;
  /** What may wait of all together. */
  readonly waitingInAll: number;
  /** What may wait of one while half of that is taken, so that a few can't take all the room. */
  readonly waitingInCrowd: number;
}

/**
 * Enough to keep a thread of the intake busy while answers are on their way and no more: whoever comes waits
 * for what is under way.
 */
const AT_ONCE_PER_CORE = 4;
/** Of commands. One core is for everything else. At 16 KiB each 4 MiB of one participant wait, and 64 of all. */
const atOnce = AT_ONCE_PER_CORE * Math.max(1, availableParallelism() - 1);
const forCommands = { atOnce, atOnceAhead: 4 * atOnce };
export const COMMAND_TURNS: TurnLimits = { ...forCommands, waiting: 256, waitingInAll: 4_096, waitingInCrowd: 4 };
/**
 * Of authentications, which take their turns by address before anybody knows whose they are. So few at once that those
 * who are here already hardly notice a thousand who come back.
 */
const forAdmissions = { atOnce: 2, atOnceAhead: 2 };
export const ADMISSION_TURNS: TurnLimits = { ...forAdmissions, waiting: 256, waitingInAll: 4_096, waitingInCrowd: 16 };

/** Of questions: so many are answered in one turn of the event loop. A full page of a catalogue takes a millisecond, in which nobody bids. */
const forQuestions = { atOnce: 4, atOnceAhead: 4 };
export const QUESTION_TURNS: TurnLimits = { ...forQuestions, waiting: 256, waitingInAll: 4_096, waitingInCrowd: 16 };

/** So much is a forgery counted as: whoever sends one is ahead of nobody for a while. */
const ROUNDS_OF_A_MISTAKE = 8;

/**
 * So much is begun in one turn of the event loop. Work that ends in it, as that of somebody who has gone does, would be followed by
 * all else that waits, and nobody would get to anything meanwhile.
 */
const MOST_IN_A_TURN = 128;

type Job = () => Promise<void>;

/** `Who` is whoever takes turns: a participant, or an address. */
export class FairTurns<Who> {
  readonly #limits: TurnLimits;
  readonly #queue = new TurnQueue<Who, Job>();
  #running = 0;
  /** In this turn of the event loop. */
  #begun = 0;

  constructor(limits: TurnLimits = COMMAND_TURNS) {
    this.#limits = limits;
  }

  /** How much work of one waits for its turn. */
  waitingOf(who: Who): number {
    return this.#queue.sizeOf(who);
  }

  /** Counts what no honest client sends: others go first for a while, if any wait. */
  putBack(who: Who): void {
    this.#queue.putBack(who, ROUNDS_OF_A_MISTAKE);
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
    const { atOnce, atOnceAhead } = this.#limits;
    while (this.#running < atOnce || (this.#running < atOnceAhead && this.#queue.isAnyoneAhead)) {
      if (this.#begun === MOST_IN_A_TURN) return;
      const job = this.#queue.next();
      if (job === undefined) return;
      this.#running += 1;
      this.#countBegun();
      void job().finally(() => {
        this.#running -= 1;
        this.#start();
      });
    }
  }

  #countBegun(): void {
    if (this.#begun === 0)
      setImmediate(() => {
        this.#begun = 0;
        this.#start();
      });
    this.#begun += 1;
  }
}
