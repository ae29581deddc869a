/** Counts answers as they come, at little cost. */
import type { CommandAnswer, ReceiptedAnswer } from '../../shared/wire/commands.ts';
import { machineNow } from '../machine-now.ts';
import type { Sent, Side } from './messages.ts';

/** How the answer to a bid that was accepted begins, as the arguments of an acknowledgement. */
const ACCEPTED = '[{"outcome":"accepted",';
/** One answer in this many is kept to be verified. A prime number, so that it does not keep step with anything. */
const SAMPLE_EVERY = 499;

/** An answer that was kept, and the bid that it is to. */
export interface Sample<Bid> {
  readonly bid: Bid;
  readonly answer: ReceiptedAnswer;
}

export class Tally<Bid> {
  readonly #isJudged: boolean;
  readonly #from = machineNow();
  readonly #before = process.cpuUsage();
  readonly #answeredMs: number[] = [];
  readonly #lateMs: number[] = [];
  readonly #others: Record<string, number> = {};
  readonly #samples: { readonly bid: Bid; readonly text: string }[] = [];
  #answered = 0;
  #answerBytes = 0;
  #to = this.#from;
  #last: string | undefined;

  constructor(side: Side) {
    this.#isJudged = side === 'house';
  }

  /** A bid leaves so much later than it should. */
  leave(lateMs: number): void {
    this.#lateMs.push(lateMs);
  }

  take(bid: Bid, text: string, ms: number): void {
    this.#answered += 1;
    this.#answerBytes += text.length;
    this.#to = machineNow();
    if (this.#isJudged && !text.startsWith(ACCEPTED)) {
      this.#count(text);
      return;
    }
    if (this.#answeredMs.push(ms) % SAMPLE_EVERY === 1 && this.#isJudged) this.#samples.push({ bid, text });
    this.#last = text;
  }

  /** The position of the bid that was accepted last; 0 if none was. */
  get position(): number {
    return this.#isJudged && this.#last !== undefined ? answerIn<ReceiptedAnswer>(this.#last).position : 0;
  }

  get samples(): Sample<Bid>[] {
    return this.#samples.map(({ bid, text }) => ({ bid, answer: answerIn<ReceiptedAnswer>(text) }));
  }

  result(): Omit<Sent, 'verified'> {
    const { user, system } = process.cpuUsage(this.#before);
    return {
      from: this.#from,
      to: this.#to,
      answered: this.#answered,
      accepted: this.#isJudged ? this.#answeredMs.length : 0,
      others: this.#others,
      answeredMs: this.#answeredMs,
      lateMs: this.#lateMs,
      answerBytes: this.#answerBytes,
      cpuSeconds: (user + system) / 1e6,
    };
  }

  #count(text: string): void {
    const answer = answerIn<CommandAnswer>(text);
    const why = answer.outcome === 'rejected' ? answer.reason : answer.outcome === 'refused' ? answer.code : 'unknown';
    this.#others[why] = (this.#others[why] ?? 0) + 1;
  }
}

function answerIn<Answer>(text: string): Answer {
  return (JSON.parse(text) as [Answer])[0];
}
