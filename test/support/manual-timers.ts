/** Timers that fire when the test says that their time has come. */

export class ManualTimers {
  readonly #due: { readonly at: number; readonly work: () => void }[] = [];
  #now = 0;

  readonly later = (work: () => void, ms: number): void => {
    this.#due.push({ at: this.#now + ms, work });
  };

  /** Fires what is due, and what that makes due, in order. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      this.#due.sort((one, other) => one.at - other.at);
      const [first] = this.#due;
      if (first === undefined || first.at > until) break;
      this.#due.shift();
      this.#now = first.at;
      first.work();
    }
    this.#now = until;
  }

  /** How many have not fired yet. */
  get waiting(): number {
    return this.#due.length;
  }
}
