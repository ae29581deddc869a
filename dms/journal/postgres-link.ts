/**
 * The way to the primary: two connections to one server, kept up. One appends; the other listens and reads, so that what
 * is read never waits behind a commit that hangs. When either is lost both are made anew, on whichever server is the primary.
 */
import { JournalAway, JournalFailed } from './journal.ts';
import { PostgresConnection, type Row } from './postgres-connection.ts';

export interface Pair {
  readonly writer: PostgresConnection;
  readonly reader: PostgresConnection;
}

export interface LinkParts {
  /** The address of each server, of which one is the primary. */
  readonly servers: readonly string[];
  /** Checks a new pair before anything is asked of it. Throws what `PostgresConnection` throws. */
  readonly prepare: (pair: Pair) => Promise<void>;
  readonly onNotification: (payload: string) => void;
  /** Called when the way is lost, with the reason, and when it is there again, with none. */
  readonly onChange: (trouble: string | undefined) => void;
}

/** Pauses between attempts grow from the one to the other: a server that is back is noticed within a second. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** How long a question waits for a way. The asker then knows that it was not even asked. */
const PATIENCE_MS = 1_000;

export class PostgresLink {
  readonly #parts: LinkParts;
  #pair: Pair | undefined;
  /** The next pair; settles also when none will ever come. */
  #coming: Promise<void> | undefined;
  #trouble: string | undefined;
  /** After this nothing is tried any more. */
  #failure: Error | undefined;
  readonly #closing = Promise.withResolvers<void>();

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  get isAway(): boolean {
    return this.#pair === undefined;
  }

  /** Waits for the first pair as long as it takes. Throws what does not mend itself. */
  async open(): Promise<void> {
    await this.#reconnect();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Throws `JournalAway`, or what ended this link for good. */
  async ask(which: keyof Pair, text: string, values?: readonly unknown[]): Promise<Row[]> {
    const pair = await this.#present();
    try {
      return await pair[which].query(text, values);
    } catch (error) {
      if (error instanceof JournalAway) this.#lose(pair, error.detail);
      else this.#fail(error as Error);
      throw this.#failure ?? error;
    }
  }

  close(): void {
    this.#fail(new JournalFailed('the journal is closed'));
    this.#closing.resolve();
  }

  async #present(): Promise<Pair> {
    if (this.#pair === undefined && this.#failure === undefined) {
      await Promise.race([this.#reconnect(), this.#pause(PATIENCE_MS)]);
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#pair === undefined) throw new JournalAway(this.#trouble);
    return this.#pair;
  }

  #lose(pair: Pair, reason: string | undefined): void {
    if (this.#pair !== pair) return;
    this.#pair = undefined;
    destroy(pair);
    this.#say(reason ?? 'the connection was lost');
    void this.#reconnect();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    if (this.#pair !== undefined) destroy(this.#pair);
    this.#pair = undefined;
  }

  /** One attempt after another until there is a pair. Never rejects: who waits looks at what has become of it. */
  #reconnect(): Promise<void> {
    this.#coming ??= this.#connectAgain().finally(() => {
      this.#coming = undefined;
    });
    return this.#coming;
  }

  async #connectAgain(): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; this.#failure === undefined; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      if (await this.#connectOnce()) return;
      if (this.#failure === undefined) await this.#pause(pause * (1 + Math.random()) * 0.5);
    }
  }

  async #connectOnce(): Promise<boolean> {
    const reasons: string[] = [];
    for (const server of this.#parts.servers) {
      try {
        await this.#connectTo(server);
        return true;
      } catch (error) {
        if (!(error instanceof JournalAway)) {
          this.#fail(error as Error);
          return false;
        }
        reasons.push(error.detail ?? 'no answer');
      }
    }
    this.#say(reasons.join('; '));
    return false;
  }

  async #connectTo(server: string): Promise<void> {
    let pair: Pair | undefined;
    const events = {
      onNotification: this.#parts.onNotification,
      onEnd: () => {
        if (pair !== undefined) this.#lose(pair, 'the server closed the connection');
      },
    };
    const writer = await PostgresConnection.open(server, events);
    try {
      const reader = await PostgresConnection.open(server, events);
      pair = { writer, reader };
      await this.#parts.prepare(pair);
    } catch (error) {
      destroy(pair ?? { writer, reader: writer });
      throw error;
    }
    if (this.#failure !== undefined) destroy(pair);
    else this.#pair = pair;
    this.#say(undefined);
  }

  /** The same trouble is said once, however many attempts it takes. */
  #say(trouble: string | undefined): void {
    const isNews = (trouble === undefined) !== (this.#trouble === undefined);
    this.#trouble = trouble;
    if (isNews && this.#failure === undefined) this.#parts.onChange(trouble);
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    await Promise.race([promise, this.#closing.promise]);
    clearTimeout(timer);
  }
}

function destroy({ writer, reader }: Pair): void {
  writer.destroy();
  reader.destroy();
}
