/** The picture before anything is known: it is there while the rest of the program is read. */
import { cutRow, span } from './cells.ts';
import type { Frame, Row } from './frame.ts';
import type { Size } from './screen-state.ts';

export function firstFrame({ columns, rows }: Size): Frame {
  const head: Row = [span(' GAVEL ', 'title'), span('   '), span('◌ connecting', 'warn')];
  return { columns, rows: Array.from({ length: rows }, (_, index) => (index === 0 ? cutRow(head, columns) : [])) };
}
