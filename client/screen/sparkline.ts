/** How a price went, in a few cells. */
import type { LotModel } from '../store/model.ts';

const BARS = '▁▂▃▄▅▆▇█';

/** The last bids as bars, from the starting price to the greatest. Nothing for a lot without bids. */
export function sparkline({ history, terms }: LotModel, width: number): string {
  const amounts = history.slice(-width).map(({ amount }) => amount);
  const top = Math.max(...amounts);
  // The least that the window can show: what is flat is drawn flat.
  const bottom = Math.min(terms.startingPrice, ...amounts);
  return amounts.map((amount) => barOf(amount, bottom, top)).join('');
}

function barOf(amount: number, bottom: number, top: number): string {
  if (top === bottom) return BARS[0] as string;
  return BARS[Math.round(((amount - bottom) / (top - bottom)) * (BARS.length - 1))] as string;
}
