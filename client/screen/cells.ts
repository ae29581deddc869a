/** Text as terminals lay it out, in cells. */
import { cellsOf, graphemesOf } from '../prompt/graphemes.ts';
import type { Row, Span, Style } from './frame.ts';

const ELLIPSIS = '…';
/** The text in at most `width` cells, with an ellipsis where something is left out. */
export function cut(text: string, width: number): string {
  if (cellsOf(text) <= width) return text;
  if (width <= 0) return '';
  let kept = '';
  let cells = 0;
  for (const segment of graphemesOf(text)) {
    const wide = cellsOf(segment);
    if (cells + wide > width - 1) break;
    kept += segment;
    cells += wide;
  }
  return `${kept}${ELLIPSIS}`;
}

/** The text in exactly `width` cells. */
export function padded(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const kept = cut(text, width);
  const blanks = ' '.repeat(Math.max(0, width - cellsOf(kept)));
  return align === 'left' ? kept + blanks : blanks + kept;
}

/** The row in at most `width` cells. */
export function cutRow(row: Row, width: number): Row {
  const kept: Span[] = [];
  let left = width;
  for (const span of row) {
    const cells = cellsOf(span.text);
    if (cells <= left) {
      kept.push(span);
      left -= cells;
      continue;
    }
    if (left > 0) kept.push({ ...span, text: cut(span.text, left) });
    break;
  }
  return kept;
}

/** Left part and right part at the two ends of a row; where both do not padded, the left one gives way. */
export function spread(left: Row, right: Row, width: number): Row {
  const rightCells = rowCells(right);
  const room = Math.max(0, width - rightCells - 1);
  const kept = cutRow(left, room);
  const gap = Math.max(0, width - rowCells(kept) - rightCells);
  return cutRow([...kept, { text: ' '.repeat(gap) }, ...right], width);
}

export function rowCells(row: Row): number {
  return row.reduce((cells, { text }) => cells + cellsOf(text), 0);
}

export function span(text: string, style?: Style): Span {
  return style === undefined ? { text } : { text, style };
}
