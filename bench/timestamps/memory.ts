/** Whether the service's memory stays where it is over a million tokens. */
import type { Bench } from '../bench.ts';
import { usageOf } from '../process-usage.ts';
import { against, judged } from '../report.ts';
import { openService } from './stage.ts';

const TOKENS = 1_000_000;
/** By then everything is loaded, compiled and as large as it gets under this load. */
const SETTLED_AFTER = 0.2;
const LOOK_EVERY_MS = 1_000;
const MB = 1_048_576;

export const memory: Bench = {
  group: 'timestamps',
  figures: ['timestamp-memory'],
  onDemand: true,
  measure: async (settings) => {
    const stage = await openService(settings);
    try {
      const tokens = TOKENS * settings.scale;
      const early: number[] = [];
      const late: number[] = [];
      for (let made = 0; made < tokens; ) {
        made += (await stage.team.run('service', LOOK_EVERY_MS * Math.min(1, settings.scale))).latenciesMs.length;
        const { residentBytes } = usageOf(stage.service.child.pid);
        if (made <= tokens * SETTLED_AFTER) early.push(residentBytes / MB);
        else late.push(residentBytes / MB);
      }
      // The greatest of each part: the collector comes when it likes.
      const [first, last] = [Math.max(...early), Math.max(...late)];
      const measured = { name: 'timestamp-memory', value: last, unit: 'MB' };
      const figure = against(measured, `the first ${tokens * SETTLED_AFTER} tokens`, first);
      return [judged({ ...figure, note: `resident after ${tokens} tokens` }, { atMost: 1.1 })];
    } finally {
      await stage.close();
    }
  },
};
