/** The commands that have arrived and have no answer yet: a closing waits for them, so that none that came in time is late. */

export class UnderWay {
  readonly #commands = new Set<Promise<unknown>>();

  /** Counts a command until it settles; how it settles is its sender's business. */
  track(command: Promise<unknown>): void {
    this.#commands.add(command);
    const forget = () => this.#commands.delete(command);
    command.then(forget, forget);
  }

  /** Resolves when all commands that are under way now have settled. Those that come meanwhile are not waited for. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#commands]);
  }
}
