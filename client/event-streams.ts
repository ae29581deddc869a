/** Events of a hub as async iterators, each with a memory of its own. */
import { BoundedStream } from './bounded-stream.ts';
import type { EventHub } from './event-hub.ts';

/** The streams of one hub, so that all of them end with it. */
export class EventStreams<Events extends object> {
  readonly #hub: EventHub<Events>;
  readonly #open = new Set<{ end(): void }>();

  constructor(hub: EventHub<Events>) {
    this.#hub = hub;
  }

  /** Events of this name from now on, until `signal`, the reader's `break`, or `endAll`. */
  open<Name extends keyof Events>(
    name: Name,
    signal: AbortSignal | undefined,
  ): AsyncIterableIterator<Events[Name], undefined> {
    const stream: BoundedStream<Events[Name]> = new BoundedStream({
      onReturn: () => {
        unsubscribe();
        signal?.removeEventListener('abort', end);
        this.#open.delete(stream);
      },
    });
    const end = () => stream.end();
    const unsubscribe = this.#hub.on(name, (event) => stream.push(event));
    this.#open.add(stream);
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end);
    return stream;
  }

  /** Readers get what is there, and then the end. */
  endAll(): void {
    for (const stream of [...this.#open]) stream.end();
  }
}
