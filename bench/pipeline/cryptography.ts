/** The cryptography of a bid on all cores, with nothing around it: the bound that no house on this machine can pass. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

export class Cryptography {
  readonly #workers: readonly Worker[];

  constructor() {
    const file = new URL('./cryptography-worker.ts', import.meta.url);
    this.#workers = Array.from({ length: availableParallelism() }, () => new Worker(file));
  }

  /** Turns per second of all threads together. */
  async run(ms: number): Promise<number> {
    const rates = this.#workers.map(async (worker) => {
      worker.postMessage(ms);
      const [rate] = (await once(worker, 'message')) as [number];
      return rate;
    });
    return (await Promise.all(rates)).reduce((sum, rate) => sum + rate, 0);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
