/**
 * Has the write-ahead log moved into the journal's file by a thread of its own. SQLite would do it at the end of the commit that
 * fills the log, and everybody whose bid is in that commit, or behind it, would wait for it.
 */
import { Worker } from 'node:worker_threads';

/** Records from one checkpoint to the next: some two thousand pages of the log, since ids have no order. */
const RECORDS = 512;

/**
 * Of the journal in one file. Its thread starts with the first checkpoint. After each of them `onDone` is called: what was
 * committed meanwhile is little, and when that is moved too, the log begins anew.
 */
export class Checkpointer {
  readonly #file: string;
  readonly #onDone: () => void;
  readonly #onFailure: (error: Error) => void;
  #since = 0;
  #worker: Worker | undefined;

  /** `onFailure`: what was committed stands in the log, but a disk that has failed once is not trusted again. */
  constructor(file: string, onDone: () => void, onFailure: (error: Error) => void) {
    this.#file = file;
    this.#onDone = onDone;
    this.#onFailure = onFailure;
  }

  /** So many records were committed. */
  count(records: number): void {
    this.#since += records;
    if (this.#since < RECORDS) return;
    this.#since = 0;
    this.#worker ??= this.#start();
    this.#worker.postMessage('checkpoint');
  }

  /** Finishes what is under way. */
  async close(): Promise<void> {
    if (this.#worker === undefined) return;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#worker.once('exit', resolve);
    this.#worker.postMessage('close');
    await promise;
  }

  #start(): Worker {
    const worker = new Worker(new URL('./checkpoint-worker.ts', import.meta.url), { workerData: this.#file });
    return worker.on('message', this.#onDone).on('error', (error: Error) => {
      this.#worker = undefined;
      this.#onFailure(error);
    });
  }
}
