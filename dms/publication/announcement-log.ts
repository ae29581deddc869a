/** What was announced lately, so that a client that was away gets exactly what it missed. Bounded; memory only. */
import { invariant } from '../../shared/invariant.ts';
import type { Announcement } from '../../shared/wire/announcements.ts';
import { MAX_MISSED_ANNOUNCEMENTS } from '../../shared/wire/limits.ts';
import type { Position } from '../../shared/wire/vocabulary.ts';

/** What one record released: its own announcement and those of bids that had been withheld until then. */
interface Release {
  readonly position: Position;
  readonly announcements: readonly Announcement[];
}

/**
 * The log counts by the position of the *release*, not of the announced record: a bid that was withheld at 7 and
 * announced with the closing at 9 was missed by a client that had heard everything up to 8.
 */
export class AnnouncementLog {
  readonly #limit: number;
  readonly #releases: Release[] = [];
  #count = 0;
  /** Everything that was released after this position is here. */
  #completeAfter: Position;

  /** A log that begins after `from`: the head of the journal, or 0 where the journal is replayed into it. */
  constructor(from: Position = 0 as Position, limit: number = MAX_MISSED_ANNOUNCEMENTS) {
    this.#completeAfter = from;
    this.#limit = limit;
  }

  /** Adds what the record at `released` made known, in the order in which it is told. Positions only grow. */
  append(released: Position, announcements: readonly Announcement[]): void {
    const newest = this.#releases.at(-1)?.position ?? this.#completeAfter;
    invariant(released > newest, 'announcements are released in order of position');
    if (announcements.length === 0) return;
    this.#releases.push({ position: released, announcements });
    this.#count += announcements.length;
    while (this.#count > this.#limit) this.#dropOldest();
  }

  /** What was released after `position`, oldest first; `undefined` where that reaches back further than the log. */
  since(position: Position): Announcement[] | undefined {
    if (position < this.#completeAfter) return undefined;
    const first = this.#releases.findLastIndex((release) => release.position <= position) + 1;
    return this.#releases.slice(first).flatMap((release) => release.announcements);
  }

  #dropOldest(): void {
    const oldest = this.#releases.shift();
    invariant(oldest !== undefined, 'a log that holds announcements holds a release');
    this.#completeAfter = oldest.position;
    this.#count -= oldest.announcements.length;
  }
}
