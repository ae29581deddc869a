/**
 * What is due next, of very many: a binary heap, so that nobody looks through all of them to find the few. Taking one in or
 * off costs some twenty comparisons where there are a million. Pure bookkeeping.
 */
import type { Instant, LotId } from '../shared/wire/vocabulary.ts';

interface Due {
  readonly lot: LotId;
  readonly at: Instant;
}

export class DueTimes {
  /** No entry is due before its parent, which stands at half its place. */
  readonly #heap: Due[] = [];

  /** The earliest; of equals, any. */
  get first(): Due | undefined {
    return this.#heap[0];
  }

  add(lot: LotId, at: Instant): void {
    const heap = this.#heap;
    let place = heap.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent] as Due;
      if (above.at <= at) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = { lot, at };
  }

  /** Takes the earliest off. */
  removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      if (one === undefined) break;
      const earlier = other !== undefined && other.at < one.at ? left + 1 : left;
      const below = heap[earlier] as Due;
      if (last.at <= below.at) break;
      heap[place] = below;
      place = earlier;
    }
    heap[place] = last;
  }
}
