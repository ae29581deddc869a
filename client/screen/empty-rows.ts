/** What a newcomer reads while there is no lot: how to offer, bid and win. */

import type { LotModel } from '../store/model.ts';
import { cutRow, span } from './cells.ts';
import type { Row } from './frame.ts';
import { wrap } from './prompt-rows.ts';
import type { ScreenState } from './screen-state.ts';

const STEPS: readonly (readonly [string, string])[] = [
  ['Offer a lot', '/list "Oak desk" 100.00 +10m'],
  ['Bid on one', 'choose it with ↑ ↓ and press b, or /bid 7 130'],
  ['When outbid', 'the line above the prompt says so; b answers'],
  ['When you win', 'you and the seller learn who the other is; nobody else does'],
];
/** Where the clock is simulated, the operator can set it. */
const TRAVEL = ['Let time pass', '/settime +1h: lots close, and those who traded meet'] as const;
const HEAD_CELLS = 16;
/** Under this width what to do stands below what it is. */
const WIDE = 72;
/** Under this height there are no blank lines. */
const TALL = 12;

/** What may be tried next, below the events of an evening on which nothing of ours has happened yet; nothing where there is no room. */
export function stepsForNewcomers(state: ScreenState, height: number): Row[] {
  const { columns } = state.size;
  const isNew = state.model.earlierBids.size === 0 && ![...state.model.lots.values()].some(isOurs);
  if (!isNew || columns < WIDE) return [];
  const steps = state.moment.simulated ? [...STEPS, TRAVEL] : STEPS;
  const rows = steps.flatMap((one) => stepRows(one, columns));
  return rows.length < height ? rows.map((row) => cutRow(row, columns)) : [];
}

const isOurs = ({ mine, ownBids }: LotModel) => mine || ownBids.length > 0;

export function emptyRows(state: ScreenState, height: number): Row[] {
  const { columns } = state.size;
  const blank: Row[] = height < TALL ? [] : [[]];
  const title = wrap(titleFor(state), columns - 4).map((line): Row => [span(`  ${line}`, 'strong')]);
  const isEmpty = state.connection.kind !== 'connecting' && state.model.lots.size === 0;
  const steps = isEmpty ? STEPS.flatMap((one) => stepRows(one, columns)) : [];
  const last: Row[] = isEmpty ? [[span('  ? shows everything that can be typed', 'faint')]] : [];
  const rows = [...blank, ...title, ...blank, ...steps, ...blank, ...last];
  return rows.slice(0, height).map((row) => cutRow(row, columns));
}

function stepRows([head, text]: (typeof STEPS)[number], columns: number): Row[] {
  if (columns >= WIDE) return [[span(`  ${head.padEnd(HEAD_CELLS)}`, 'accent'), span(text)]];
  return [[span(`  ${head}`, 'accent')], ...wrap(text, columns - 6).map((line): Row => [span(`    ${line}`)])];
}

function titleFor({ connection, model, filter }: ScreenState): string {
  if (connection.kind === 'connecting') return 'Connecting to the house …';
  if (model.lots.size === 0) return 'No lots yet. Nobody sees your name here but whom you deal with.';
  return `No lot here with the filter “${filter}”: f for another.`;
}
