/** What the parts of one simulated node stand on. */
import type { UnderWay } from '../../dms/intake/under-way.ts';
import type { Log } from '../../dms/log.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { NodeLife } from './node-life.ts';
import type { World } from './world.ts';

export interface Surroundings {
  readonly world: World;
  readonly life: NodeLife;
  readonly underWay: UnderWay;
  /** Of this machine. */
  readonly monotonic: () => number;
  readonly log: Log;
  /** Sends what gathers for the next tick. */
  readonly tell: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** The operator's log, as far as the house writes into it. */
export function createLog(write: (line: string) => void): Log {
  const add = (facts: object) => write(JSON.stringify(facts));
  return { info: add, warn: add, error: add, fatal: add } as Partial<Log> as Log;
}

/** The house looks at no other clock than the trusted one. */
export function clockOf({ monotonic }: Surroundings): Clock {
  const now = () => {
    throw new Error('the house asked for the time of its machine');
  };
  return { now, monotonic };
}
