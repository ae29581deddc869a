/**
 * Snapshots of the state, so that a start need not fold the whole journal. A snapshot is a cache: it is checked, thrown
 * away when anything about it does not fit, and without one a start only takes longer.
 */
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../../shared/private-folder.ts';
import type { HouseId, Position } from '../../shared/wire/vocabulary.ts';
import { type FrozenState, HouseState } from '../commit/house-state.ts';
import type { Head, Journal } from '../journal/journal.ts';
import type { Log } from '../log.ts';
import { readFrames, SnapshotUnfit, writeFrames } from './frames.ts';
import { framesOf, StateFromFrames } from './state-frames.ts';

export interface SnapshotParts {
  /** Where the snapshot is. */
  readonly file: string;
  /** What the program and its rules are known by. */
  readonly form: string;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** `USUAL_PACE` if absent. */
  readonly pace?: Pace;
}

/** The house, as far as it is written down here. */
export interface Freezable {
  readonly house: HouseId;
  readonly position: Position;
  freeze(): FrozenState;
}

interface Loaded {
  readonly house: HouseId;
  readonly state: HouseState;
}

/** When a snapshot is written. */
export interface Pace {
  /** At the end of a run: fewer records than these are folded within a second or so. */
  readonly worthIt: number;
  /** So many come after a snapshot before the next one is written: some seconds of the next start. */
  readonly maxBeyond: number;
}

const USUAL_PACE: Pace = { worthIt: 10_000, maxBeyond: 50_000 };
/** A long journal has a large snapshot, so they are fewer: in all, no more is written for them than for the records. */
const PART_BEYOND = 1 / 16;
/** The last records of a snapshot are compared with the journal's: after another history they are others. */
const COMPARED = 512;

/** Opens the journal and folds it, from a snapshot on where there is one. Throws what the journal throws. */
export async function openState({
  journal,
  snapshots,
}: {
  readonly journal: Journal;
  readonly snapshots?: Pick<Snapshots, 'open'>;
}): Promise<{ readonly head: Head; readonly state: HouseState }> {
  const begun = (await snapshots?.open(journal)) ?? { head: await journal.open(), state: new HouseState() };
  await begun.state.catchUp(journal, () => {});
  return begun;
}

export class Snapshots {
  readonly #parts: SnapshotParts & { readonly pace: Pace };
  /** The position of the newest snapshot; 0 if there is none. */
  #newest = 0;

  constructor(parts: SnapshotParts) {
    this.#parts = { pace: USUAL_PACE, ...parts };
  }

  /** Opens the journal and meanwhile reads the snapshot. The state is that of the snapshot, or of the very beginning. */
  async open(journal: Journal): Promise<{ readonly head: Head; readonly state: HouseState }> {
    const [head, loaded] = await Promise.all([journal.open(), this.#load()]);
    if (loaded === undefined) return { head, state: new HouseState() };
    const { position } = loaded.state;
    if (!(await isPastOf(loaded, head, journal))) {
      await this.#discard(new SnapshotUnfit('it is not of this journal'));
      return { head, state: new HouseState() };
    }
    this.#newest = position;
    this.#parts.log.info({ event: 'snapshot-read', position });
    return { head, state: loaded.state };
  }

  /** Writes a snapshot if enough was recorded since the last one. What goes wrong with it is logged, and nothing more. */
  async writeIfDue(house: Freezable): Promise<void> {
    const wanted = Math.max(this.#parts.pace.maxBeyond, house.position * PART_BEYOND);
    if (house.position - this.#newest >= wanted) await this.#write(house);
  }

  /** At the end of a run: makes the next start quicker, if that is worth it and done within `signal`. */
  async writeLast(house: Freezable, signal: AbortSignal): Promise<void> {
    if (house.position - this.#newest >= this.#parts.pace.worthIt) await this.#write(house, signal);
  }

  async #load(): Promise<Loaded | undefined> {
    const { file, form } = this.#parts;
    try {
      const making = new StateFromFrames(form);
      for await (const frame of readFrames(file)) making.take(frame);
      return making.end();
    } catch (error) {
      if (isAbsent(error)) return undefined;
      // Whatever it is that can't be read or understood: the journal has all of it.
      await this.#discard(error);
      return undefined;
    }
  }

  async #write(house: Freezable, signal?: AbortSignal): Promise<void> {
    const { file, form, log } = this.#parts;
    const state = house.freeze();
    const { position } = state;
    // Whether it works or not, the next attempt is a whole interval away.
    this.#newest = position;
    const unfinished = `${file}.new`;
    try {
      const bytes = await writeFrames(unfinished, framesOf({ form, house: house.house, position }, state), signal);
      await rename(unfinished, file);
      syncFolder(dirname(file));
      log.info({ event: 'snapshot-written', position, bytes });
    } catch (error) {
      // The disk is full, or there was no time: the journal has all of it.
      log.warn({ event: 'snapshot-not-written', position, reason: messageOf(error) });
      await rm(unfinished, { force: true });
    }
  }

  async #discard(error: unknown): Promise<void> {
    this.#parts.log.warn(
      { event: 'snapshot-discarded', reason: messageOf(error) },
      'the whole journal is read instead',
    );
    await rm(this.#parts.file, { force: true });
  }
}

/** Whether the journal goes on from the snapshot's last records. Each has a salt that is in no other history. */
async function isPastOf({ house, state }: Loaded, head: Head, journal: Pick<Journal, 'read'>): Promise<boolean> {
  if (house !== head.house || state.position > head.position) return false;
  const from = Math.max(0, state.position - COMPARED) as Position;
  const last = await journal.read(from, state.position - from);
  return (
    last.length === state.position - from && last.every(({ position, record }) => state.log.holds(position, record))
  );
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
