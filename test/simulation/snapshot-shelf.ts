/** The snapshots of a simulation: the real frames, kept in memory. One may be old, or be gone. */
import type { AuctionHouse } from '../../dms/auction-house.ts';
import { HouseState } from '../../dms/commit/house-state.ts';
import type { Head, Journal } from '../../dms/journal/journal.ts';
import type { Frame } from '../../dms/snapshot/frames.ts';
import { framesOf, StateFromFrames } from '../../dms/snapshot/state-frames.ts';
import type { World } from './world.ts';

const FORM = 'this program';

export class SnapshotShelf {
  #frames: readonly Frame[] | undefined;

  put(house: AuctionHouse): void {
    const state = house.freeze();
    this.#frames = [...framesOf({ form: FORM, house: house.house, position: state.position }, state)];
  }

  take(): HouseState | undefined {
    if (this.#frames === undefined) return undefined;
    const making = new StateFromFrames(FORM);
    for (const frame of this.#frames) making.take(frame);
    return making.end().state;
  }

  lose(): void {
    this.#frames = undefined;
  }
}

/** What `Snapshots.open` does, on what the shelf holds. */
export async function openSnapshot(
  journal: Journal,
  { random, shelf, auditor }: World,
): Promise<{ readonly head: Head; readonly state: HouseState }> {
  const head = await journal.open();
  if (random.chance(0.3)) shelf.lose();
  const state = shelf.take() ?? new HouseState();
  auditor.demand(state.position <= head.position, 'a snapshot holds nothing that is not durable', 'at a start');
  return { head, state };
}
