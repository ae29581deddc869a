/** The embedded journal: one SQLite file (`node:sqlite`), written by a worker thread of this process and nobody else. */
import { Worker } from 'node:worker_threads';
import { ProtocolError } from '../../shared/errors.ts';
import { invariant } from '../../shared/invariant.ts';
import type { Position } from '../../shared/wire/vocabulary.ts';
import { checkJournal } from './check-journal.ts';
import { Bell, follow } from './follow.ts';
import {
  type Entry,
  type Head,
  type Journal,
  JournalFailed,
  type Outcome,
  type Recorded,
  type Start,
} from './journal.ts';
import type { StoreAnswer, StoreCall, StoreCalls, StoreOptions } from './sqlite-worker.ts';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * A commit is synced before it is answered (WAL, `synchronous=FULL`). A second process on the same file is refused with
 * `journal-locked`; the kernel lets the lock go when this process ends. After a failed write every later call rejects.
 *
 * @example
 * const journal = new SqliteJournal({ file: '/var/lib/gavel/journal.db', newHouse: HouseId.parse(randomUUID()) });
 * const { house, position } = await journal.open();
 */
export class SqliteJournal implements Journal {
  readonly #options: StoreOptions;
  readonly #bell = new Bell();
  /** Calls without an answer yet, oldest first: the worker answers in order. */
  readonly #waiting: Waiting[] = [];
  #worker: Worker | undefined;
  readonly #ended = Promise.withResolvers<void>();
  #failure: Error | undefined = new JournalFailed('the journal is not open');

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  async open(): Promise<Head> {
    invariant(this.#worker === undefined, 'a journal is opened once');
    const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData: this.#options });
    worker.on('message', (answer: StoreAnswer) => this.#settle(answer));
    worker.on('error', (error) => this.#fail(new JournalFailed(error.message, { cause: error })));
    worker.on('exit', () => {
      this.#fail(new JournalFailed('the journal is closed'));
      this.#ended.resolve();
    });
    this.#worker = worker;
    this.#failure = undefined;
    try {
      const head = await this.head();
      await checkJournal(this.#options.file, head.position);
      return head;
    } catch (error) {
      await worker.terminate();
      throw error;
    }
  }

  async append(batch: readonly Entry[]): Promise<Outcome[]> {
    const outcomes = await this.#call('append', batch);
    this.#bell.ring();
    return outcomes;
  }

  read(after: Position, limit: number): Promise<Recorded[]> {
    return this.#call('read', after, limit);
  }

  find(id: string): Promise<Recorded | undefined> {
    return this.#call('find', id);
  }

  subscribe(after: Start, on: (records: Recorded[]) => Promise<void>, stop: AbortSignal): Promise<void> {
    return follow(this, this.#bell, after, on, stop);
  }

  head(): Promise<Head> {
    return this.#call('head');
  }

  /** Finishes what was asked before, then closes the file. After a failure there is nothing to finish. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    if (this.#failure === undefined) await this.#call('close');
    else await worker.terminate();
    await this.#ended.promise;
    this.#worker = undefined;
  }

  #call<Name extends keyof StoreCalls>(
    name: Name,
    ...args: Parameters<StoreCalls[Name]>
  ): Promise<ReturnType<StoreCalls[Name]>> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const { promise, resolve, reject } = Promise.withResolvers<ReturnType<StoreCalls[Name]>>();
    this.#worker?.postMessage({ name, args } as StoreCall);
    this.#waiting.push({ resolve: (value) => resolve(value as ReturnType<StoreCalls[Name]>), reject });
    return promise;
  }

  #settle(answer: StoreAnswer): void {
    // The worker goes on answering what it was asked before the failure; nobody waits for that any more.
    if (this.#failure !== undefined) return;
    const waiting = this.#waiting.shift();
    invariant(waiting !== undefined, 'the store answers only what it was asked');
    if ('value' in answer) {
      waiting.resolve(answer.value);
      return;
    }
    const error =
      'refused' in answer ? new ProtocolError(answer.refused, answer.detail) : new JournalFailed(answer.failed);
    waiting.reject(error);
    this.#fail(error);
  }

  /** From here on nothing is tried any more: what was asked and what will be asked ends in this error. */
  #fail(error: Error): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }
}
