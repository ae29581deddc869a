/** The journal without a disk, for tests and simulations: the same contract, gone with the process. */
import { invariant } from '../../shared/invariant.ts';
import type { HouseId, LotId, Position } from '../../shared/wire/vocabulary.ts';
import { Bell, follow } from './follow.ts';
import {
  type Entry,
  type Head,
  type Journal,
  JournalFailed,
  type Outcome,
  type Recorded,
  type Start,
} from './journal.ts';

/** Keeps its records over `close` and `open`, as a file does. */
export class MemoryJournal implements Journal {
  readonly #house: HouseId;
  readonly #records: Recorded[] = [];
  readonly #byId = new Map<string, Recorded>();
  readonly #versions = new Map<LotId, number>();
  readonly #bell = new Bell();
  #isOpen = false;

  constructor(house: HouseId) {
    this.#house = house;
  }

  async open(): Promise<Head> {
    invariant(!this.#isOpen, 'a journal is opened once');
    this.#isOpen = true;
    return this.head();
  }

  async append(batch: readonly Entry[]): Promise<Outcome[]> {
    await this.#turn();
    const refused = new Set<string>();
    const outcomes = batch.map((entry) => {
      const outcome = this.#appendOne(entry, refused);
      if (!outcome.ok) refused.add(entry.id);
      return outcome;
    });
    this.#bell.ring();
    return outcomes;
  }

  async read(after: Position, limit: number): Promise<Recorded[]> {
    await this.#turn();
    return this.#records.slice(after, after + limit);
  }

  async find(id: string): Promise<Recorded | undefined> {
    await this.#turn();
    return this.#byId.get(id);
  }

  subscribe(after: Start, on: (records: Recorded[]) => Promise<void>, stop: AbortSignal): Promise<void> {
    return follow(this, this.#bell, after, on, stop);
  }

  async head(): Promise<Head> {
    await this.#turn();
    return { house: this.#house, position: this.#records.length as Position };
  }

  async close(): Promise<void> {
    this.#isOpen = false;
  }

  /** Nothing is answered in the turn of the event loop that asked, just as no disk would. */
  async #turn(): Promise<void> {
    if (!this.#isOpen) throw new JournalFailed('the journal is not open');
    await new Promise((resolve) => setImmediate(resolve));
  }

  #appendOne(entry: Entry, refused: ReadonlySet<string>): Outcome {
    const already = this.#byId.get(entry.id);
    if (already !== undefined) return { ok: false, why: 'duplicate', position: already.position };
    const version = this.#versions.get(entry.lot) ?? 0;
    const isBaseless = entry.buildsOn !== undefined && refused.has(entry.buildsOn);
    if (isBaseless || version !== entry.expect) return { ok: false, why: 'conflict', version };
    const recorded: Recorded = {
      position: (this.#records.length + 1) as Position,
      id: entry.id,
      lot: entry.lot,
      version: version + 1,
      record: entry.record,
    };
    this.#records.push(recorded);
    this.#byId.set(recorded.id, recorded);
    this.#versions.set(recorded.lot, recorded.version);
    return { ok: true, position: recorded.position, version: recorded.version };
  }
}
