/** What a test may put between a node and its parts, to see that the simulation notices. The simulation itself puts nothing. */
import type { AuctionHouse } from '../../dms/auction-house.ts';
import type { Journal } from '../../dms/journal/journal.ts';
import { Announcer } from '../../dms/publication/announcer.ts';
import type { Position } from '../../shared/wire/vocabulary.ts';
import type { World } from './world.ts';

export interface Plant {
  readonly journal?: (journal: Journal, world: World) => Journal;
  readonly house?: (house: AuctionHouse, world: World) => AuctionHouse;
  readonly announcer: (from: Position) => Announcer;
}

export const NO_PLANT: Plant = { announcer: (from) => new Announcer(from) };

/** The same part, but for what is given here. */
export function insteadOf<Part extends object>(part: Part, planted: Partial<Part>): Part {
  const get = (of: Part, name: string | symbol): unknown => {
    if (Object.hasOwn(planted, name)) return Reflect.get(planted, name);
    const value: unknown = Reflect.get(of, name, of);
    return typeof value === 'function' ? value.bind(of) : value;
  };
  return new Proxy(part, { get });
}
