/** What everybody was told, line by line of their notes, against what the journal says was to be told: all of it, once, in order. */
import type { Announcement } from '../../../shared/wire/announcements.ts';
import type { Note, Who } from '../notes.ts';
import type { Report } from './problem.ts';
import type { Recorded } from './recorded.ts';

type Heard = Extract<Note, { note: 'heard' }>;

/** A record that everybody is told of. */
interface Public {
  readonly position: number;
  /** The position with which it is told: its own, but for a withheld bid that of the record that releases it. */
  readonly release: number;
  readonly isLate: boolean;
}

/** What is public of a journal, in the order in which it is told. */
export class TellingOrder {
  readonly #records: readonly Recorded[];
  readonly #order: readonly Public[];

  constructor(records: readonly Recorded[]) {
    this.#records = records;
    this.#order = orderOf(records);
  }

  recordAt(position: number): Recorded | undefined {
    return this.#records[position - 1];
  }

  /** What is told after `from`, up to and with `to`. */
  between(from: number, to: number): readonly Public[] {
    return this.#order.slice(this.#after(from), this.#after(to));
  }

  /** How many are told with `position` or before. */
  #after(position: number): number {
    let [low, high] = [0, this.#order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#order[middle]?.release ?? 0) > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function orderOf(records: readonly Recorded[]): Public[] {
  const order: Public[] = [];
  const withheld = new Map<string, number[]>();
  for (const { position, record } of records) {
    const { kind, lot } = record;
    if (kind === 'bid' && record.withheld) withheld.set(lot, [...(withheld.get(lot) ?? []), position]);
    else if (kind === 'listed' || kind === 'bid' || kind === 'closed') {
      for (const late of withheld.get(lot) ?? []) order.push({ position: late, release: position, isLate: true });
      withheld.delete(lot);
      order.push({ position, release: position, isLate: false });
    }
  }
  return order;
}

/** Goes through the notes of one life of a process. Everybody begins anew in each. */
export class HeardCheck {
  readonly #order: TellingOrder;
  readonly #report: Report;
  /** Up to where each was told everything; absent before the first snapshot. */
  readonly #told = new Map<Who, number>();
  /** How many announcements were compared, by all together. */
  compared = 0;

  constructor(order: TellingOrder, report: Report) {
    this.#order = order;
    this.#report = report;
  }

  take(note: Note): void {
    if (note.note === 'enters') this.#begin(note.who, note.since);
    else if (note.note === 'snapshot') this.#told.set(note.who, note.position);
    else if (note.note === 'content') this.#content(note.announcement);
    else if (note.note === 'differs')
      this.#report('announced-otherwise', `position ${note.announcement.position}, to guest ${note.who} alone`);
    else if (note.note === 'heard') this.#heard(note);
  }

  #begin(who: Who, since: number | undefined): void {
    this.#told.delete(who);
    if (since !== undefined) this.#told.set(who, since);
  }

  #heard({ who, positions, told }: Heard): void {
    const from = this.#told.get(who);
    this.#told.set(who, told);
    this.compared += positions.length;
    if (from === undefined) {
      this.#report('announcement-missed', `guest ${who} heard something before anything`);
      return;
    }
    const expected = this.#order.between(from, told);
    const due = new Set(expected.map(({ position }) => position));
    const wrong = [...due].filter((position) => !positions.includes(position));
    wrong.push(...positions.filter((position) => !due.has(position)));
    if (wrong.length > 0 || due.size !== positions.length)
      this.#report('announcement-missed', `guest ${who}, positions ${wrong} of (${from}, ${told}]`);
    const late = new Set(expected.filter(({ isLate }) => isLate).map(({ position }) => position));
    const inTime = positions.filter((position) => !late.has(position));
    const back = inTime.findIndex((position, index) => position <= (inTime[index - 1] ?? 0));
    if (back >= 0) this.#report('announced-out-of-order', `guest ${who}, ${inTime[back]} after ${inTime[back - 1]}`);
  }

  #content(announcement: Announcement): void {
    const found = this.#order.recordAt(announcement.position);
    if (found === undefined || !isTrue(announcement, found))
      this.#report('announced-otherwise', `position ${announcement.position}: ${JSON.stringify(announcement)}`);
  }
}

function isTrue(announcement: Announcement, { record, at }: Recorded): boolean {
  if (announcement.lot !== record.lot || announcement.at !== at) return false;
  if (announcement.event === 'someone_listed')
    return record.kind === 'listed' && isSame(announcement.terms, record.terms);
  if (announcement.event === 'someone_bid')
    return (
      record.kind === 'bid' &&
      (['amount', 'pseudonym', 'closesAt'] as const).every((name) => announcement[name] === record[name])
    );
  return (
    record.kind === 'closed' &&
    (['outcome', 'hammerPrice', 'pseudonym'] as const).every((name) => announcement[name] === record[name])
  );
}

function isSame(one: object, other: object): boolean {
  const sorted = (value: object) => JSON.stringify(Object.entries(value).toSorted());
  return sorted(one) === sorted(other);
}
