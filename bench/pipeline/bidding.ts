/** Bids through a house of one process, from all sides: how many, how soon at half of that, and one alone. */
import type { Bench } from '../bench.ts';
import type { Figure } from '../report.ts';
import { ALONE, measureAlone } from './alone.ts';
import { HALF_LOAD, measureHalfLoad } from './half-load.ts';
import { measureSaturation, SATURATION } from './saturation.ts';
import { openStage } from './stage.ts';
import { emptyServer, verifyingServer } from './yardsticks.ts';

export const bidding: Bench = {
  group: 'pipeline',
  figures: [...SATURATION, ...HALF_LOAD, ALONE],
  measure: async (settings) => {
    const wants = (names: readonly string[]) => names.some(settings.isWanted);
    await using closers = new AsyncDisposableStack();
    const stage = await openStage(settings, [emptyServer(settings), verifyingServer(settings)], closers);
    const figures: Figure[] = [];
    if (wants([...SATURATION, ...HALF_LOAD])) {
      const { saturation, perSecond } = await measureSaturation(stage, settings);
      figures.push(...saturation);
      if (wants(HALF_LOAD)) figures.push(...(await measureHalfLoad(stage, perSecond / 2, settings)));
    }
    // Last: nobody else's bids lead any more.
    if (wants([ALONE])) figures.push(await measureAlone(stage, settings));
    return figures;
  },
};
