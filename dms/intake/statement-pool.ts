/**
 * Worker threads that open and verify statements: two thirds of what a command costs, taken off the thread that sockets and
 * rules live on. Each session has its thread. Whichever is done first, they are handed back in the order in which they were
 * asked for: so no bid overtakes one that came before it because another thread had less to do.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { ProtocolError } from '../../shared/errors.ts';
import { InvariantViolation, invariant } from '../../shared/invariant.ts';
import type { SealedCommand } from '../../shared/wire/socket-events.ts';
import { type SealedSession, type SessionKeys, type Statements, statementsHere } from './open-statement.ts';
import type { SignedCommand } from './stages.ts';
import type { Order, Reply } from './statement-worker.ts';

/** Where a session's statements are opened. */
interface Seat {
  readonly thread: Thread;
  readonly session: number;
}

/** One core is for everything else. */
const MOST_THREADS = availableParallelism() - 1;

/** Threads of their own, where there are cores for them. */
export function createStatements(): Statements {
  return MOST_THREADS > 0 ? new StatementPool(MOST_THREADS) : statementsHere;
}

export class StatementPool implements Statements {
  /** The first one is started at once: nobody has to wait for it. */
  readonly #threads = [new Thread()];
  readonly #seats = new Map<SealedSession, Seat>();
  readonly #most: number;
  /** All that is under way, oldest first. */
  readonly #order: Ordered[] = [];
  #sessions = 0;

  constructor(most: number) {
    this.#most = most;
  }

  open(sealed: SealedCommand, session: SealedSession): Promise<SignedCommand> {
    const { thread, session: number } = this.#seats.get(session) ?? this.#seat(session);
    const opened = thread.open(number, sealed);
    return new Promise((resolve) => {
      const ordered: Ordered = { isDone: false, release: () => resolve(opened) };
      this.#order.push(ordered);
      const done = () => {
        ordered.isDone = true;
        this.#release();
        this.#startRest();
      };
      opened.then(done, done);
    });
  }

  forget(session: SealedSession): void {
    const seat = this.#seats.get(session);
    if (seat === undefined) return;
    this.#seats.delete(session);
    seat.thread.forget(seat.session);
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.splice(0).map((thread) => thread.close()));
  }

  #release(): void {
    while (this.#order[0]?.isDone === true) this.#order.shift()?.release();
  }

  /** Once the first statement has its answer: who comes next waits for no thread to start. After the end there is none. */
  #startRest(): void {
    while (this.#threads.length > 0 && this.#threads.length < this.#most) this.#threads.push(new Thread());
  }

  /** With whoever has the fewest sessions; a thread more while there are fewer than may be. */
  #seat(session: SealedSession): Seat {
    const [least] = this.#threads.toSorted((one, other) => one.sessions - other.sessions);
    const isFull = this.#threads.length >= this.#most;
    const thread = least !== undefined && (isFull || least.sessions === 0) ? least : new Thread();
    if (thread !== least) this.#threads.push(thread);
    this.#sessions += 1;
    const seat = { thread, session: this.#sessions };
    thread.take(seat.session, session.keys);
    this.#seats.set(session, seat);
    return seat;
  }
}

/** One that is under way; `release` hands it back. */
interface Ordered {
  isDone: boolean;
  readonly release: () => void;
}

type Waiting = PromiseWithResolvers<SignedCommand>;

class Thread {
  readonly #worker = new Worker(new URL('./statement-worker.ts', import.meta.url));
  readonly #waiting = new Map<number, Waiting>();
  #orders: Order[] = [];
  #count = 0;
  #failure: Error | undefined;
  sessions = 0;

  constructor() {
    this.#worker.on('message', (replies: readonly Reply[]) => {
      for (const reply of replies) this.#settle(reply);
    });
    this.#worker.on('error', (error) => this.#fail(error.message));
    this.#worker.on('exit', () => this.#fail('it ended'));
  }

  take(session: number, keys: SessionKeys): void {
    this.sessions += 1;
    this.#post({ session, keys });
  }

  forget(over: number): void {
    this.sessions -= 1;
    this.#post({ over });
  }

  open(session: number, sealed: SealedCommand): Promise<SignedCommand> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#count += 1;
    const waiting = Promise.withResolvers<SignedCommand>();
    this.#waiting.set(this.#count, waiting);
    this.#post({ session, order: this.#count, sealed });
    return waiting.promise;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  /** What comes in one turn of the event loop goes together: a message costs as much as what is in it. */
  #post(order: Order): void {
    if (this.#orders.length === 0) setImmediate(() => this.#send());
    this.#orders.push(order);
  }

  #send(): void {
    this.#worker.postMessage(this.#orders);
    this.#orders = [];
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.order);
    invariant(waiting !== undefined, 'a thread answers what it was asked, once');
    this.#waiting.delete(reply.order);
    if ('signed' in reply) waiting.resolve(reply.signed);
    else if ('refused' in reply) waiting.reject(new ProtocolError(reply.refused, reply.detail));
    else waiting.reject(new Error(reply.failed));
  }

  /** What it was working on has no answer, and never gets one: the process must not go on as if it had. */
  #fail(why: string): void {
    this.#failure ??= new InvariantViolation(`a thread of the intake is gone: ${why}`);
    for (const waiting of this.#waiting.values()) waiting.reject(this.#failure);
    this.#waiting.clear();
  }
}
