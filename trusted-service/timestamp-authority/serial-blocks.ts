/** Serials that never repeat: a block of them is reserved on disk before the first of it is used. */
import type { Numbers } from '../store/numbers.ts';

/** One write to disk for this many tokens; as many are lost, unused, when the process ends. */
const BLOCK = 65_536;

export class SerialBlocks {
  readonly #numbers: Numbers;
  #next = 0;
  #end = 0;

  constructor(numbers: Numbers) {
    this.#numbers = numbers;
  }

  /** `count` serials in a row; returns the first. Throws if they can't be reserved: then none was used. */
  take(count: number): number {
    if (this.#next + count > this.#end) this.#reserve(count);
    const first = this.#next;
    this.#next += count;
    return first;
  }

  #reserve(count: number): void {
    const size = Math.max(BLOCK, count);
    const first = this.#numbers.reserveSerials(size);
    // What is left of the block before continues in this one, unless somebody else has reserved in between.
    if (first !== this.#end) this.#next = first;
    this.#end = first + size;
  }
}
