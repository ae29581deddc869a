/** When each position was heard of at one place. */

/** What has not been heard of by then never will be. */
const LIMIT_MS = 10_000;

export class Heard {
  readonly #at = new Map<number, number>();
  readonly #waiting = new Map<number, (at: number) => void>();

  /** These were heard of just now. */
  note(list: readonly { readonly position: number }[]): void {
    const at = performance.now();
    for (const { position } of list) {
      this.#at.set(position, at);
      this.#waiting.get(position)?.(at);
    }
  }

  /** The moment, past or to come. Rejects if it does not come. */
  async when(position: number): Promise<number> {
    const known = this.#at.get(position);
    if (known !== undefined) return known;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#waiting.set(position, resolve);
    const limit = setTimeout(() => reject(new Error(`position ${position} was not heard of`)), LIMIT_MS);
    try {
      return await promise;
    } finally {
      clearTimeout(limit);
      this.#waiting.delete(position);
    }
  }

  /** Forgets what was heard. */
  clear(): void {
    this.#at.clear();
  }
}
