/** The workload of an auction site (AuctionMark's shape, the generator of the soak and of the bots) against a real house, by participants who wait for nobody. */
import type { SizeName } from '../../client/bots/workload/sizes.ts';
import type { Bench } from '../bench.ts';
import { figureNames, figuresOf, wantedMixes } from './figures.ts';
import { runWorkload } from './run.ts';

export const workloads: readonly Bench[] = [
  benchOf('S', 'workload'),
  benchOf('M', 'workload-m'),
  benchOf('L', 'workload-l'),
];

function benchOf(size: SizeName, group: string): Bench {
  return {
    group,
    figures: figureNames(size),
    onDemand: true,
    measure: async (settings) => figuresOf(await runWorkload(size, wantedMixes(size, settings.isWanted), settings)),
  };
}
