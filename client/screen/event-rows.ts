/** What happened, the newest first. */
import { cellsOf } from '../prompt/graphemes.ts';
import { cutRow, span } from './cells.ts';
import { stepsForNewcomers } from './empty-rows.ts';
import type { Row } from './frame.ts';
import { clockTime } from './lot-words.ts';
import type { EventLine, Moment, ScreenState } from './screen-state.ts';
import { TONES } from './tones.ts';

/** From this width on the quiet part begins in one column. */
const WIDE = 72;

/** … which leaves it room for the longest at the usual width. */
const DETAIL_PART = 0.55;

export function eventRows(state: ScreenState, height: number): Row[] {
  const { events, moment, size } = state;
  const shown = events.slice(Math.max(0, events.length - height)).toReversed();
  const column = size.columns >= WIDE ? Math.floor(size.columns * DETAIL_PART) : 0;
  const told = shown.map((event) => cutRow(eventRow(event, moment, { column, width: size.columns }), size.columns));
  const free = height - told.length;
  const steps = stepsForNewcomers(state, free);
  const gap = Array.from({ length: free - steps.length }, (): Row => []);
  return [...told, ...gap, ...steps];
}

function eventRow(event: EventLine, moment: Moment, place: { readonly column: number; readonly width: number }): Row {
  const head = ` ${clockTime(event.at, moment)}  `;
  const failed = event.proof === 'failed';
  const text = failed ? `${event.text}: NOT PROVEN` : event.text;
  const used = cellsOf(head) + cellsOf(text);
  const gap = ' '.repeat(Math.max(3, place.column - used));
  // The quiet part is there as a whole or not at all.
  const detail = detailOf(event);
  const quiet = used + gap.length + cellsOf(detail) <= place.width || event.proof === 'failed' ? detail : '';
  return [
    span(head, 'faint'),
    span(text, failed ? 'bad' : TONES[event.tone]),
    span(gap),
    span(quiet, failed ? 'bad' : 'faint'),
  ];
}

function detailOf({ detail, position, proof }: EventLine): string {
  const place = detail ?? (position === undefined ? undefined : `position ${position}`);
  const words = [place, proof === undefined ? undefined : PROOFS[proof]].filter((word) => word !== undefined);
  return words.join(', ');
}

const PROOFS = {
  checking: 'checking',
  verified: 'verified',
  receipt: 'receipt verified',
  failed: 'proof failed',
} as const;
