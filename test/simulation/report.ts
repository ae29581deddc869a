/** What came of simulations, in words. */
import type { Simulated } from './simulate.ts';

/** What was found, where, and how to see it again. */
export function explain({ seed, finding, profile }: Simulated): string {
  if (finding === undefined) return `seed ${seed}: nothing was found`;
  return [
    `seed ${seed}, step ${finding.step}: broken is the rule that ${finding.rule}`,
    `  ${finding.detail}`,
    `  ${JSON.stringify(profile)}`,
    `  npm run simulate -- --seed '${seed}' --trace`,
  ].join('\n');
}

export function summarize(results: readonly Simulated[]): string {
  const sum = (of: (one: Simulated) => number) => results.reduce((total, one) => total + of(one), 0);
  const years = sum(({ lasted }) => lasted) / (365.25 * 86_400_000);
  return [
    `${results.length} seeds, ${sum(({ auctions }) => auctions)} auctions, ${sum(({ records }) => records)} records,`,
    `${sum(({ steps }) => steps)} steps, ${years.toFixed(2)} simulated years;`,
    `${results.filter((one) => one.finding).length} findings`,
    `\nhappened: ${tally(results.map(({ count }) => count))}`,
    `\nanswers: ${tally(results.map((one) => one.answers))}`,
  ].join(' ');
}

/** What there is most of comes first. */
function tally(counts: readonly ReadonlyMap<string, number>[]): string {
  const total = new Map<string, number>();
  for (const count of counts) for (const [what, times] of count) total.set(what, (total.get(what) ?? 0) + times);
  const sorted = [...total].sort(([, one], [, other]) => other - one);
  return sorted.map(([what, times]) => `${times} ${what}`).join(', ');
}
