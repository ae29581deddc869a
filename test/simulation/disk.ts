/**
 * The journal of a simulation. A batch is on its way, then written but not synced, then durable in one piece, then
 * answered; a crash or an outage comes between any two of them. What is durable is told to the auditor at that moment.
 */
import type { Random } from '../../client/bots/workload/random.ts';
import { Bell, follow } from '../../dms/journal/follow.ts';
import {
  type Entry,
  type Head,
  type Journal,
  JournalAway,
  JournalFailed,
  type Outcome,
  type Recorded,
  type Start,
} from '../../dms/journal/journal.ts';
import type { LotId, Position } from '../../shared/wire/vocabulary.ts';
import type { Profile } from './profile.ts';
import type { Scheduler } from './scheduler.ts';
import { HOUSE } from './vocabulary.ts';

/** The process that has the journal open: what is not alive does nothing any more and hears nothing. */
export interface Owner {
  readonly isAlive: boolean;
}

interface Unsynced {
  readonly owner: Owner;
  readonly sync: () => void;
}

export class Disk {
  readonly records: Recorded[] = [];
  /** It can't be reached: only a journal on another machine has that. */
  isAway = false;
  onRecord: (recorded: Recorded) => void = () => undefined;
  noteThat: (happened: string) => void = () => undefined;
  /** Called where a crash would matter most. */
  onMoment: (owner: Owner) => void = () => undefined;
  readonly #byId = new Map<string, Recorded>();
  readonly #versions = new Map<LotId, number>();
  readonly #bells = new Set<Bell>();
  readonly #unsynced = new Set<Unsynced>();
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #profile: Profile;

  constructor(scheduler: Scheduler, random: Random, profile: Profile) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#profile = profile;
  }

  get position(): Position {
    return this.records.length as Position;
  }

  has(id: string): Recorded | undefined {
    return this.#byId.get(id);
  }

  journalOf(owner: Owner): Journal {
    const bell = new Bell();
    this.#bells.add(bell);
    const ring = () => this.#bells.delete(bell);
    return new DiskJournal(this, owner, { bell, close: ring, isShared: this.#profile.isShared });
  }

  /** A process died. What it had written and not synced is lost, or is on the disk all the same. */
  crash(owner: Owner): void {
    for (const unsynced of this.#unsynced) {
      if (unsynced.owner !== owner) continue;
      this.#unsynced.delete(unsynced);
      const isDurable = this.#random.chance(0.3);
      this.noteThat(isDurable ? 'commits that nobody was told of' : 'unsynced writes lost');
      if (isDurable) unsynced.sync();
    }
  }

  /** A way of a few milliseconds, sometimes long. Never ends for who died meanwhile. */
  async way(owner: Owner, usualMs: number): Promise<void> {
    const ms = this.#random.chance(0.02) ? 50 + this.#random.below(300) : this.#random.below(usualMs + 1);
    await this.#scheduler.sleep(ms);
    await untilDead(owner);
  }

  async append(owner: Owner, batch: readonly Entry[]): Promise<Outcome[]> {
    await this.way(owner, 2);
    await this.#demandReachable(owner);
    const { promise: synced, resolve } = Promise.withResolvers<Outcome[]>();
    const unsynced: Unsynced = { owner, sync: () => resolve(this.#commit(batch)) };
    this.#unsynced.add(unsynced);
    this.onMoment(owner);
    await this.way(owner, this.#profile.syncMs);
    if (this.#unsynced.delete(unsynced)) {
      if (this.isAway && this.#random.chance(0.5)) await this.#demandReachable(owner);
      if (this.#random.chance(this.#profile.diskFailure)) this.#fail(unsynced);
      unsynced.sync();
    }
    this.onMoment(owner);
    const outcomes = await synced;
    this.onMoment(owner);
    await this.way(owner, 2);
    await this.#demandReachable(owner);
    return outcomes;
  }

  async read(owner: Owner, after: Position, limit: number): Promise<Recorded[]> {
    await this.way(owner, this.#profile.readMs);
    await this.#demandReachable(owner);
    return this.records.slice(after, after + limit);
  }

  /** Nobody knows what is on a disk that failed. */
  #fail(unsynced: Unsynced): never {
    if (this.#random.chance(0.5)) unsynced.sync();
    throw new JournalFailed('the disk failed');
  }

  async #demandReachable(owner: Owner): Promise<void> {
    if (!this.isAway) return;
    await this.#scheduler.sleep(100 + this.#random.below(400));
    await untilDead(owner);
    throw new JournalAway();
  }

  #commit(batch: readonly Entry[]): Outcome[] {
    const refused = new Set<string>();
    const outcomes = batch.map((entry) => {
      const outcome = this.#commitOne(entry, refused);
      if (!outcome.ok) refused.add(entry.id);
      return outcome;
    });
    // A wake-up can be lost.
    for (const bell of this.#bells) if (this.#random.chance(this.#profile.woken)) bell.ring();
    return outcomes;
  }

  #commitOne({ id, lot, expect, buildsOn, record }: Entry, refused: ReadonlySet<string>): Outcome {
    const already = this.#byId.get(id);
    if (already !== undefined) this.noteThat('duplicates');
    if (already !== undefined) return { ok: false, why: 'duplicate', position: already.position };
    const version = this.#versions.get(lot) ?? 0;
    if (version !== expect || (buildsOn !== undefined && refused.has(buildsOn))) {
      this.noteThat('conflicts');
      return { ok: false, why: 'conflict', version };
    }
    const position = (this.records.length + 1) as Position;
    const recorded: Recorded = { position, id, lot, version: version + 1, record };
    this.records.push(recorded);
    this.#byId.set(id, recorded);
    this.#versions.set(lot, recorded.version);
    this.onRecord(recorded);
    return { ok: true, position, version: recorded.version };
  }
}

async function untilDead(owner: Owner): Promise<void> {
  if (!owner.isAlive) await new Promise(() => undefined);
}

interface Opened {
  readonly bell: Bell;
  readonly close: () => void;
  readonly isShared: boolean;
}

class DiskJournal implements Journal {
  readonly isShared: boolean;
  readonly #disk: Disk;
  readonly #owner: Owner;
  readonly #opened: Opened;

  constructor(disk: Disk, owner: Owner, opened: Opened) {
    this.#disk = disk;
    this.#owner = owner;
    this.#opened = opened;
    this.isShared = opened.isShared;
  }

  get isAway(): boolean {
    return this.#disk.isAway;
  }

  async open(): Promise<Head> {
    for (;;) {
      await this.#disk.way(this.#owner, 5);
      if (!this.#disk.isAway) return this.head();
    }
  }

  append(batch: readonly Entry[]): Promise<Outcome[]> {
    return this.#disk.append(this.#owner, batch);
  }

  read(after: Position, limit: number): Promise<Recorded[]> {
    return this.#disk.read(this.#owner, after, limit);
  }

  async find(id: string): Promise<Recorded | undefined> {
    await this.#disk.way(this.#owner, 1);
    return this.#disk.has(id);
  }

  /** Waits while the journal is away. */
  subscribe(after: Start, on: (records: Recorded[]) => Promise<void>, stop: AbortSignal): Promise<void> {
    const read = async (from: Position, limit: number): Promise<Recorded[]> => {
      while (!stop.aborted) {
        try {
          return await this.read(from, limit);
        } catch (error) {
          if (!(error instanceof JournalAway)) throw error;
        }
      }
      return [];
    };
    return follow({ read }, this.#opened.bell, after, on, stop);
  }

  async head(): Promise<Head> {
    return { house: HOUSE, position: this.#disk.position };
  }

  async close(): Promise<void> {
    this.#opened.close();
  }
}
