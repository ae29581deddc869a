/** Which core the measured server has to itself, and which are left for the load. */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** A command line in front of another one, which keeps that to some cores. Empty where that can't be done. */
export type Pinning = readonly string[];

export interface Cores {
  readonly server: Pinning;
  readonly load: Pinning;
  /** How many processes of load there is room for. */
  readonly loaders: number;
  /** False where `taskset` is missing or there is one core only: server and load then share what there is. */
  readonly pinned: boolean;
}

/** Gives the server the first core on which we may run, and the load all others. */
export function shareOutCores(): Cores {
  const [server, ...others] = allowedCores();
  if (server === undefined || others.length === 0) {
    return { server: [], load: [], loaders: Math.max(1, availableParallelism() - 1), pinned: false };
  }
  return {
    server: ['taskset', '-c', String(server)],
    load: ['taskset', '-c', others.join()],
    loaders: others.length,
    pinned: true,
  };
}

/** The same for a server, its honest clients and those who flood it: nobody computes at the expense of another. */
export interface FloodCores {
  readonly server: Pinning;
  readonly honest: Pinning;
  readonly flooder: Pinning;
  readonly pinned: boolean;
}

/** Gives the last core to those who flood, the one before to the honest, and all others to the server. */
export function shareOutFloodCores(): FloodCores {
  const cores = allowedCores();
  const [honest, flooder] = cores.splice(-2);
  if (flooder === undefined || cores.length === 0) return { server: [], honest: [], flooder: [], pinned: false };
  const on = (list: readonly (number | undefined)[]): Pinning => ['taskset', '-c', list.join()];
  return { server: on(cores), honest: on([honest]), flooder: on([flooder]), pinned: true };
}

function allowedCores(): number[] {
  try {
    // "pid 7's current affinity list: 0-3"
    const said = execFileSync('taskset', ['-c', '-p', String(process.pid)], { encoding: 'utf8' });
    return parseCoreList(said.slice(said.lastIndexOf(':') + 1));
  } catch {
    // No `taskset` here, as on every system but Linux: nothing is pinned, and the report says so.
    return [];
  }
}

/** The cores of a list such as `0-2,5`. */
export function parseCoreList(list: string): number[] {
  return list
    .trim()
    .split(',')
    .flatMap((range) => {
      const [first = Number.NaN, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}
