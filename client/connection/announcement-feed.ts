/**
 * Puts announcements into order. The DMS sends one frame per kind and tick, and after them a checkpoint that says how
 * far everything was told: up to it the frames are sorted by position, a gap is noticed, and what came twice is dropped.
 */
import type { Announcement, Checkpoint } from '../../shared/wire/announcements.ts';
import type { Position } from '../../shared/wire/vocabulary.ts';

/** What stands between two checkpoints: to be told in this order. */
export interface Batch {
  readonly announcements: readonly Announcement[];
  /** How far everything has been told with this. */
  readonly position: Position;
}

/**
 * Announcements that wait for their checkpoint. A tick has far fewer; a DMS that sends none is not a DMS.
 * More than this are given up, and fetched when the next checkpoint shows the gap.
 */
const MAX_UNCHECKED = 20_000;
/** Positions remembered to notice what came both live and in an answer: the most that one answer holds, several times. */
const REMEMBERED_POSITIONS = 16_384;

interface Tick {
  readonly announcements: readonly Announcement[];
  readonly checkpoint: Checkpoint;
}

/** Pure bookkeeping: it sends nothing. Whoever owns it asks the DMS when `gap` says so, and hands in the answer. */
export class AnnouncementFeed {
  #cursor: Position | undefined;
  #unchecked: Announcement[] = [];
  #overflowed = false;
  #ticks: Tick[] = [];
  readonly #seen = new Set<Position>();

  /** The position up to which everything was told; `undefined` before the first answer. */
  get cursor(): Position | undefined {
    return this.#cursor;
  }

  /** The position from which something is missing; `undefined` while nothing is known to be. */
  get gap(): Position | undefined {
    const next = this.#ticks[0];
    const missing = next !== undefined && this.#cursor !== undefined && next.checkpoint.after > this.#cursor;
    return missing ? this.#cursor : undefined;
  }

  /** A new session: what the former one left without a checkpoint comes again in the answer to `prove`. */
  begin(): void {
    this.#unchecked = [];
    this.#ticks = [];
    this.#overflowed = false;
  }

  /** A frame of announcements. */
  collect(announcements: readonly Announcement[]): void {
    this.#overflowed ||= this.#unchecked.length + announcements.length > MAX_UNCHECKED;
    if (this.#overflowed) this.#unchecked = [];
    else this.#unchecked.push(...announcements);
  }

  /** A checkpoint: everything collected so far belongs to it. */
  check(checkpoint: Checkpoint): void {
    // What was given up has to be fetched: a checkpoint from far ahead asks for exactly that.
    const after = this.#overflowed ? checkpoint.position : checkpoint.after;
    this.#ticks.push({ announcements: this.#unchecked, checkpoint: { ...checkpoint, after } });
    this.#unchecked = [];
    this.#overflowed = false;
  }

  /** An answer that says how everything stands at `position`: `missed` announcements, or none with a snapshot. */
  advance(position: Position, missed: readonly Announcement[]): Batch {
    const batch = { announcements: this.#unseenInOrder(missed), position };
    this.#cursor = position;
    // A tick up to here was answered with the rest.
    this.#ticks = this.#ticks.filter((tick) => tick.checkpoint.position > position);
    return batch;
  }

  /** The next complete tick; `undefined` where there is none, or a gap before it. */
  next(): Batch | undefined {
    const tick = this.#ticks[0];
    if (tick === undefined || this.#cursor === undefined || this.gap !== undefined) return undefined;
    this.#ticks.shift();
    const position = Math.max(this.#cursor, tick.checkpoint.position) as Position;
    this.#cursor = position;
    return { announcements: this.#unseenInOrder(tick.announcements), position };
  }

  /** By position, each once. A position below the cursor can be new: a withheld bid is told late, under its own. */
  #unseenInOrder(announcements: readonly Announcement[]): Announcement[] {
    const unseen = announcements.filter(({ position }) => {
      if (this.#seen.has(position)) return false;
      this.#remember(position);
      return true;
    });
    return unseen.sort((left, right) => left.position - right.position);
  }

  #remember(position: Position): void {
    this.#seen.add(position);
    if (this.#seen.size <= REMEMBERED_POSITIONS) return;
    const [oldest] = this.#seen;
    if (oldest !== undefined) this.#seen.delete(oldest);
  }
}
