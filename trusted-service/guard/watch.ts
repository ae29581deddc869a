/** Looks again and again whether the service can do its work, so that whoever watches hears of it before a request does. */
import { ProtocolError } from '../../shared/errors.ts';
import { isStopCode, type StopBook, type StopCode, type StopReason } from './stop-book.ts';

/** A stepped clock is noticed within this, without any request. */
const LOOK_MS = 1_000;
/** Looks from one attempt to write to the next while writing works: each is a write to the disk. */
const LOOKS_PER_WRITE = 30;

/** Throws the refusal with its code while its reason is there. */
export type Check = () => void;

export interface WatchParts {
  readonly book: StopBook;
  /** Looked at whenever somebody asks: none of them may wait for a disk. */
  readonly checks: { readonly [Code in Exclude<StopCode, 'state-unwritable'>]: Check };
  /** Writes something. */
  readonly write: Check;
  /** Called when a reason is gone: what could not be done meanwhile may be due. */
  readonly onRecovery?: () => void;
}

export class Watch {
  readonly #parts: WatchParts;
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /** Looks every second until `stop`. */
  start(): void {
    this.#timer ??= setInterval(() => this.#turn(), LOOK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Why the service can't do all its work at this moment. */
  reasons(): StopReason[] {
    const { checks, book } = this.#parts;
    for (const [code, check] of Object.entries(checks)) this.#attempt(code as StopCode, check);
    return book.reasons();
  }

  /** A request was refused: one that could not write is the first to know. */
  noteRefusal({ code, cause }: ProtocolError): void {
    if (code === 'state-unwritable') this.#parts.book.begin(code, reasonOf(cause));
  }

  /** Whether the state can be written is looked at seldom while it can, and at each turn while it can't. */
  #turn(): void {
    this.reasons();
    this.#looks += 1;
    if (this.#looks % LOOKS_PER_WRITE !== 0 && !this.#parts.book.has('state-unwritable')) return;
    this.#attempt('state-unwritable', this.#parts.write);
  }

  #attempt(code: StopCode, check: Check): void {
    const { book, onRecovery } = this.#parts;
    try {
      check();
      if (book.end(code)) onRecovery?.();
    } catch (error) {
      if (!(error instanceof ProtocolError) || !isStopCode(error.code)) throw error;
      // A check may be stopped by another reason, which that one's own check tells.
      if (error.code === code) book.begin(code, error.detail ?? reasonOf(error.cause));
    }
  }
}

function reasonOf(cause: unknown): string | undefined {
  return cause instanceof Error ? cause.message : undefined;
}
