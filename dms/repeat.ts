/** Work that is done again and again: never twice at once, and one failure is never the last time. */
import { ProtocolError } from '../shared/errors.ts';
import type { Log } from './log.ts';

export interface RepeatedWork {
  /** For the log. */
  readonly name: string;
  readonly work: () => Promise<unknown> | unknown;
  /** From the end of one turn to the beginning of the next. */
  readonly everyMs: number;
  readonly log: Log;
  /** Called with an error that is no refusal: a mistake of ours. */
  readonly onFailure: (error: unknown) => void;
}

export interface Repeating {
  /** Begins a turn now, or right after the one that is under way. */
  now(): void;
  /** No further turn; resolves when the present one is over. */
  stop(): Promise<void>;
}

/**
 * Does the work at once and then every `everyMs` milliseconds. A refusal is logged when it begins and when it is over,
 * not each time: most of this work is done many times a second.
 */
export function repeat(work: RepeatedWork): Repeating {
  return new Repetition(work);
}

class Repetition implements Repeating {
  readonly #work: RepeatedWork;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> | undefined;
  #isWantedAgain = false;
  #isStopped = false;
  /** The code of the refusal that the last turn ended with. */
  #trouble: string | undefined;

  constructor(work: RepeatedWork) {
    this.#work = work;
    this.#begin();
  }

  now(): void {
    if (this.#turn !== undefined) this.#isWantedAgain = true;
    else if (!this.#isStopped) this.#begin();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#turn;
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#turn = this.#take();
  }

  async #take(): Promise<void> {
    await this.#attempt();
    this.#turn = undefined;
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => this.#begin(), this.#isWantedAgain ? 0 : this.#work.everyMs);
    this.#isWantedAgain = false;
  }

  async #attempt(): Promise<void> {
    const { name, work, log, onFailure } = this.#work;
    try {
      await work();
      if (this.#trouble !== undefined) log.info({ work: name }, 'works again');
      this.#trouble = undefined;
    } catch (error) {
      if (!(error instanceof ProtocolError)) {
        onFailure(error);
        return;
      }
      const { code, detail } = error;
      if (code !== this.#trouble) log.warn({ work: name, code, detail }, 'does not work now; it is tried again');
      this.#trouble = code;
    }
  }
}
