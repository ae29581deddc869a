/** How long it takes until a participant at another node hears of a bid: from where it was sent, and from the append. */
import { against, type Figure, judged } from '../report.ts';
import { percentile } from '../statistics.ts';
import type { Town } from './town.ts';
import { verdicts } from './verdicts.ts';

const EACH = 300;
const SHARES = { p50: 0.5, p99: 0.99 } as const;
const WAYS = ['sent', 'append'] as const;

export const ANNOUNCEMENT_FIGURES: readonly string[] = WAYS.flatMap((way) =>
  Object.keys(SHARES).map((share) => `announced-${way}-${share}`),
);

/** Nothing else is under way meanwhile. */
export async function measureAnnouncements(town: Town, scale: number): Promise<Figure[]> {
  const count = Math.max(2, Math.round(EACH * scale));
  const bids = await town.bidAlone('postgres-2', count);
  const appended = await town.appendAlone('postgres-1', count);
  const pauses = 'one after another with pauses';
  return [
    ...spread('sent', bids.announcedMs, 'at the node it was sent to', bids.announcedHereMs, [
      `from the bid's frame to the announcement at the other of two nodes; ${verdicts([bids])}, ${pauses}`,
    ]),
    ...spread('append', appended.announcedMs, 'handed on by the journal', appended.handedOnMs, [
      `from the call of append in a process beside the node; on disk after ${percentile(appended.durableMs, 0.5).toFixed(1)} ms (p50); ${count} records, ${pauses}`,
    ]),
  ];
}

function spread(
  way: (typeof WAYS)[number],
  values: readonly number[],
  name: string,
  besides: readonly number[],
  [note]: readonly [string],
): Figure[] {
  return Object.entries(SHARES).map(([share, part]) => {
    const measured = { name: `announced-${way}-${share}`, value: percentile(values, part), unit: 'ms' };
    return judged({ ...against(measured, name, percentile(besides, part)), note });
  });
}
