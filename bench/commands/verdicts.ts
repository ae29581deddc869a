/** What became of bids, in words. */
import { addUp } from '../statistics.ts';
import type { Bidding } from './messages.ts';

/** How many were accepted, and how many were not, for which reason. */
export function verdicts(seen: readonly Pick<Bidding, 'accepted' | 'others'>[]): string {
  const accepted = seen.reduce((total, one) => total + one.accepted, 0);
  const others = Object.entries(addUp(seen.map((one) => one.others)));
  const total = others.reduce((sum, [, count]) => sum + count, accepted);
  const reasons = others.map(([reason, count]) => `, ${count} ${reason}`).join('');
  return `${accepted} of ${total} accepted${reasons}`;
}
