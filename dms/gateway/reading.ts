/**
 * From whom frames are read. Who has sent more than his share is not read from for a while: what he sends meanwhile waits in
 * the network, at his expense and in order, and costs us nothing, where a refusal would have to be read, answered and sent.
 */
import { TurnQueue } from '../admission/turn-queue.ts';

/** A connection, as far as it is read from. */
export interface Source {
  pause(): void;
  resume(): void;
}

export interface ReadingParts<Who> {
  /** Whether somebody has a share left. */
  readonly mayRead: (who: Who) => boolean;
  /** Does `work` when so many milliseconds have passed. */
  readonly later: (work: () => void, ms: number) => void;
}

/** How often those are looked through who are not read from. */
export const READING_BEAT_MS = 5;
/** How many may go on in one beat: what they send together does not keep everybody else waiting. */
export const MOST_IN_A_BEAT = 8;

/** `Who` has a share, over all connections. */
export class Reading<Who> {
  readonly #parts: ReadingParts<Who>;
  readonly #paused = new Set<Source>();
  /** All that are paused, and some that are gone. Who seldom gets here goes on first. */
  readonly #turns = new TurnQueue<Who, { readonly who: Who; readonly source: Source }>();
  #isBeating = false;

  constructor(parts: ReadingParts<Who>) {
    this.#parts = parts;
  }

  /** Something has come from `source`: it is read from no more, for now, where its owner has no share left. */
  look(who: Who, source: Source): void {
    if (!this.#parts.mayRead(who)) this.pause(who, source);
  }

  /** Leaves unread what `source` sends, for a beat at least. */
  pause(who: Who, source: Source): void {
    if (this.#paused.has(source)) return;
    this.#paused.add(source);
    this.#turns.add(who, { who, source });
    source.pause();
    this.#beatLater();
  }

  /** The connection is gone. */
  forget(source: Source): void {
    this.#paused.delete(source);
  }

  #beatLater(): void {
    if (this.#isBeating) return;
    this.#isBeating = true;
    this.#parts.later(() => this.#beat(), READING_BEAT_MS);
  }

  /** Of one only one connection goes on: what comes by it may use up his share again. */
  #beat(): void {
    this.#isBeating = false;
    const going = new Set<Who>();
    for (let left = this.#turns.size; left > 0 && going.size < MOST_IN_A_BEAT; left -= 1) {
      const next = this.#turns.next();
      if (next === undefined || !this.#paused.has(next.source)) continue;
      if (going.has(next.who) || !this.#parts.mayRead(next.who)) {
        this.#turns.add(next.who, next);
        continue;
      }
      going.add(next.who);
      this.#paused.delete(next.source);
      next.source.resume();
    }
    if (this.#turns.size > 0) this.#beatLater();
  }
}
