/** What a newcomer reads while there is no lot: how to offer, bid and win. */
import { cutRow, span } from './cells.ts';
import type { Row } from './frame.ts';
import { wrap } from './prompt-rows.ts';
import type { ScreenState } from './screen-state.ts';

const STEPS: readonly (readonly [string, string])[] = [
  ['1  Offer a lot', '/list "Oak desk" 100.00 +10m'],
  ['2  Bid on one', 'choose it with ↑ ↓ and press b, or type /bid 7 130'],
  ['3  Outbid?', 'the line above the prompt says so: b answers with the next valid amount'],
  ['4  Win', 'after the closing you and the seller learn who the other is; nobody else does'],
];

export function emptyRows(state: ScreenState, height: number): Row[] {
  const { columns } = state.size;
  const lines: Row[] = [
    [],
    ...titleFor(state).flatMap((line) => wrap(line, columns - 4).map((part): Row => [span(`  ${part}`, 'strong')])),
    [],
  ];
  if (state.connection.kind !== 'connecting' && state.model.lots.size === 0) {
    for (const [head, text] of STEPS) {
      const wide = columns >= 72;
      lines.push(wide ? [span(`  ${head.padEnd(17)}`, 'accent'), span(text)] : [span(`  ${head}`, 'accent')]);
      if (!wide) lines.push(...wrap(text, columns - 7).map((part): Row => [span(`     ${part}`)]));
    }
    lines.push([], [span('  ? shows everything that can be typed', 'faint')]);
  }
  return lines.slice(0, height).map((row) => cutRow(row, columns));
}

function titleFor({ connection, model, filter }: ScreenState): string[] {
  if (connection.kind === 'connecting') return ['Connecting to the house …'];
  if (model.lots.size === 0)
    return ['No lots yet. Your bids are sealed, signed and timestamped; nobody sees your name.'];
  return [`No lot here with the filter “${filter}”. Press f for another.`];
}
