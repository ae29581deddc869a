/** The table of lots. Columns go when the terminal is narrow, the least important first; the marks stay. */
import type { LotModel } from '../store/model.ts';
import { cutRow, padded, span } from './cells.ts';
import type { Row } from './frame.ts';
import { type Column, columnsOf, LAST_RANK, TITLE } from './lot-columns.ts';
import { titleOf } from './lot-words.ts';
import { lotAtCursor, lotsShown } from './rows-shown.ts';
import type { ScreenState } from './screen-state.ts';

/** Under this width one blank between columns has to do. */
const WIDE = 50;
/** The marks of the selection and the watch list, and a blank. */
const MARGIN = 3;
const MAX_TITLE_CELLS = 48;
/** What a title has to have before the columns of each rank are shown as well: words before figures. */
const GOOD_TITLE_CELLS = 24;
const WANTED_TITLE_CELLS = [1, 10, 14, 16];

/** `height` rows: the head, and as many lots around the selected one as fit. */
export function tableRows(state: ScreenState, height: number): Row[] {
  const { columns: width } = state.size;
  const lots = lotsShown(state);
  const selected = lotAtCursor(state, lots);
  const room = Math.max(0, height - 1);
  const at = selected === undefined ? 0 : lots.indexOf(selected);
  const first = Math.max(0, Math.min(at - Math.floor(room / 2), lots.length - room));
  const shown = lots.slice(first, first + room);
  const columns = fitted(columnsOf(state, shown), width);
  const head = joined(columns, width, ({ head: text, width: cells, align }) => [
    span(padded(text, cells, align), 'faint'),
  ]);
  const rows = shown.map((lot) => lotRow(state, lot, columns, lot === selected));
  return [[span(' '.repeat(MARGIN)), ...head], ...rows].map((row) => cutRow(row, width));
}

/** `3 of 18 lots · sort: time left · filter: none` */
export function tableFoot(state: ScreenState): Row {
  const { model, sort, filter, size } = state;
  const [shown, all] = [lotsShown(state).length, model.lots.size];
  const words = [
    shown === all ? `${all} ${all === 1 ? 'lot' : 'lots'}` : `${shown} of ${all} lots`,
    `sort: ${sort}`,
    `filter: ${filter === 'all' ? 'none' : filter}`,
  ];
  return cutRow([span(`${' '.repeat(MARGIN)}${words.join(' · ')}`, 'faint')], size.columns);
}

/** Drops columns until a title has room, and gives the title what is left. */
function fitted(all: readonly Column[], width: number): Column[] {
  for (let rank = LAST_RANK; ; rank--) {
    const kept = all.filter((column) => column.rank <= rank);
    const left = width - MARGIN - kept.reduce((cells, column) => cells + column.width + gapBefore(column, width), 0);
    if (rank > 0 && left < (WANTED_TITLE_CELLS[rank] ?? GOOD_TITLE_CELLS)) continue;
    const title = Math.max(1, Math.min(left, MAX_TITLE_CELLS));
    return kept.map((column) => (column.head === TITLE ? { ...column, width: title } : column));
  }
}

function gapBefore({ gap }: Column, width: number): number {
  return gap === 2 && width < WIDE ? 1 : gap;
}

function lotRow(state: ScreenState, lot: LotModel, columns: readonly Column[], isSelected: boolean): Row {
  const mark = isSelected ? span('›', 'accent') : span(' ');
  const watched = state.model.watched.has(lot.lot) ? span('•', 'accent') : span(' ');
  const look = isSelected ? 'accent' : lot.status === 'open' ? undefined : 'faint';
  const cells = joined(columns, state.size.columns, (column) =>
    column.head === TITLE ? [span(padded(titleOf(lot), column.width), look)] : column.cell(lot),
  );
  return [mark, watched, span(' '), ...cells];
}

function joined(columns: readonly Column[], width: number, cell: (column: Column) => Row): Row {
  return columns.flatMap((column) => {
    const gap = gapBefore(column, width);
    return gap === 0 ? cell(column) : [span(' '.repeat(gap)), ...cell(column)];
  });
}
