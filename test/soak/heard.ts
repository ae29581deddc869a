/** What the participants of one process hear, noted together: an announcement once, and for each participant its positions. */
import type { Who } from '../../bench/workload/notes.ts';
import type { Announcement } from '../../shared/wire/announcements.ts';
import type { NoteBook } from './note-book.ts';

/** Announcements that are remembered. What comes later still is noted once more. */
const REMEMBERED = 2_000;

export class Heard {
  readonly #book: NoteBook;
  readonly #contents = new Map<number, string>();
  readonly #positions = new Map<Who, number[]>();

  constructor(book: NoteBook) {
    this.#book = book;
  }

  begin(who: Who): void {
    this.#positions.set(who, []);
  }

  take(who: Who, announcement: Announcement): void {
    const text = JSON.stringify(announcement);
    const known = this.#contents.get(announcement.position);
    if (known === undefined) this.#remember(announcement, text);
    else if (known !== text) this.#book.write({ note: 'differs', who, announcement });
    this.#positions.get(who)?.push(announcement.position);
  }

  snapshot(who: Who, position: number): void {
    this.#positions.set(who, []);
    this.#book.write({ note: 'snapshot', who, position });
  }

  flush(who: Who, told: number): void {
    const positions = this.#positions.get(who);
    if (positions === undefined || positions.length === 0) return;
    this.#positions.set(who, []);
    this.#book.write({ note: 'heard', who, positions, told });
  }

  #remember(announcement: Announcement, text: string): void {
    this.#book.write({ note: 'content', announcement });
    this.#contents.set(announcement.position, text);
    const [oldest] = this.#contents.keys();
    if (this.#contents.size > REMEMBERED && oldest !== undefined) this.#contents.delete(oldest);
  }
}
