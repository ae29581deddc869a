/** Typed events without a platform: names, what each carries, and who listens. */

/** Takes a listener away again. */
export type Unsubscribe = () => void;

/** `Events` maps each name to what its listeners are handed. Listeners are called in the order in which they came. */
export class EventHub<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();

  /** Calls `listener` for each event of this name from now on. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): Unsubscribe {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    // A function of its own, so that one listener can be added twice and taken away once.
    const entry = (event: Events[Name]) => listener(event);
    listeners.add(entry);
    return () => listeners.delete(entry);
  }

  /** Tells everybody who listens now. A listener that throws is a bug of its owner, and throws here. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) (listener as (event: Events[Name]) => void)(event);
  }
}
