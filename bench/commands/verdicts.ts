/** What became of bids, in words. */
import type { Bidding } from './messages.ts';

/** How many were accepted, and how many were not, for which reason. */
export function verdicts(seen: readonly Pick<Bidding, 'accepted' | 'others'>[]): string {
  const accepted = seen.reduce((total, one) => total + one.accepted, 0);
  const others = new Map<string, number>();
  for (const [reason, count] of seen.flatMap((one) => Object.entries(one.others)))
    others.set(reason, (others.get(reason) ?? 0) + count);
  const total = [...others.values()].reduce((sum, count) => sum + count, accepted);
  const reasons = [...others].map(([reason, count]) => `, ${count} ${reason}`).join('');
  return `${accepted} of ${total} accepted${reasons}`;
}
