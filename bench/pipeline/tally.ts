/** Counts answers as they come, at little cost. */
import type { CommandAnswer } from '../../shared/wire/commands.ts';
import type { Sent, Side } from './messages.ts';

/** How the answer to a bid that was accepted begins, as the arguments of an acknowledgement. */
const ACCEPTED = '[{"outcome":"accepted",';

export class Tally {
  readonly #isJudged: boolean;
  readonly #from = now();
  readonly #before = process.cpuUsage();
  readonly #answeredMs: number[] = [];
  readonly #others: Record<string, number> = {};
  #answered = 0;
  #answerBytes = 0;
  #to = this.#from;
  #last: string | undefined;

  constructor(side: Side) {
    this.#isJudged = side === 'house';
  }

  take(answer: string, ms: number): void {
    this.#answered += 1;
    this.#answerBytes += answer.length;
    this.#to = now();
    if (this.#isJudged && !answer.startsWith(ACCEPTED)) {
      this.#count(answer);
      return;
    }
    this.#last = answer;
    this.#answeredMs.push(ms);
  }

  /** The position of the bid that was accepted last. */
  get position(): number {
    if (!this.#isJudged || this.#last === undefined) return 0;
    const [answer] = JSON.parse(this.#last) as [{ position: number }];
    return answer.position;
  }

  result(): Sent {
    const { user, system } = process.cpuUsage(this.#before);
    return {
      from: this.#from,
      to: this.#to,
      answered: this.#answered,
      accepted: this.#isJudged ? this.#answeredMs.length : 0,
      others: this.#others,
      answeredMs: this.#answeredMs,
      answerBytes: this.#answerBytes,
      cpuSeconds: (user + system) / 1e6,
    };
  }

  #count(text: string): void {
    const [answer] = JSON.parse(text) as [CommandAnswer];
    const why = answer.outcome === 'rejected' ? answer.reason : answer.outcome === 'refused' ? answer.code : 'unknown';
    this.#others[why] = (this.#others[why] ?? 0) + 1;
  }
}

/** One clock for all processes, with parts of a millisecond. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
