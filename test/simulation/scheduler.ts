/**
 * Virtual time. Everything that happens in a simulation is an event of this one scheduler, at a whole millisecond, and
 * events of the same moment run in the order in which they were planned. Between two events all promises are run out.
 */

interface Planned {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/** Taken before anybody puts virtual timers in its place: it only lets the promises run out, and measures nothing. */
const nextTurn = setImmediate;

const isBefore = (one: Planned, other: Planned) =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

export class Scheduler {
  /** Milliseconds since the beginning of the simulation. */
  now = 0;
  /** Events that were run. */
  steps = 0;
  #order = 0;
  readonly #held: (() => Promise<void>)[] = [];
  /** A binary heap: the next event is the first. */
  readonly #planned: Planned[] = [];

  /** Plans an event; calling the result takes it back. */
  after(ms: number, run: () => void): () => void {
    this.#order += 1;
    const planned: Planned = { at: this.now + Math.max(0, Math.round(ms)), order: this.#order, run };
    this.#push(planned);
    return () => {
      planned.run = undefined;
    };
  }

  /**
   * Work that other threads do: time stands still until it is done, so that nothing overtakes it. What is to be done at
   * the same moment is done one after another, since no seed decides which of it would end first.
   */
  hold<Result>(work: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => void this.#held.push(() => work().then(resolve, reject)));
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** Runs what comes, until `isOver` says so after one of the steps, or nothing is planned any more. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const next = this.#pop();
      if (next === undefined) return;
      if (next.run === undefined) continue;
      this.now = next.at;
      this.steps += 1;
      next.run();
      await new Promise<void>((resolve) => void nextTurn(resolve));
      for (let work = this.#held.shift(); work !== undefined; work = this.#held.shift()) {
        await work();
        await new Promise<void>((resolve) => void nextTurn(resolve));
      }
    }
  }

  #push(planned: Planned): void {
    const heap = this.#planned;
    let at = heap.push(planned) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent]!;
      if (!isBefore(planned, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = planned;
  }

  #pop(): Planned | undefined {
    const heap = this.#planned;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || last === undefined) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (isBefore(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}
