/** The table of lots. Columns go when the terminal is narrow, the least important first; the marks stay. */
import type { LotModel } from '../store/model.ts';
import { bestOwnBid, nextValidBid, type Standing, standing, timeLeftMs } from '../store/select.ts';
import { cellsOf, cutRow, padded, span } from './cells.ts';
import type { Row, Span, Style } from './frame.ts';
import { timeLeft, titleOf } from './lot-words.ts';
import { formatMoney } from './money.ts';
import { lotAtCursor, lotsShown } from './rows-shown.ts';
import type { ScreenState } from './screen-state.ts';
import { sparkline } from './sparkline.ts';

/** Under this the time left draws the eye. */
const ENDING_MS = 60_000;
/** A lot is new for so long. */
const NEW_MS = 60_000;
const TREND_CELLS = 8;
const MIN_TITLE_CELLS = 10;
const MAX_TITLE_CELLS = 48;
const GAP = '  ';

/** `height` rows: the head, and as many lots around the selected one as fit. */
export function tableRows(state: ScreenState, height: number): Row[] {
  const lots = lotsShown(state);
  const selected = lotAtCursor(state, lots);
  const room = Math.max(0, height - 1);
  const at = selected === undefined ? 0 : lots.indexOf(selected);
  const first = Math.max(0, Math.min(at - Math.floor(room / 2), lots.length - room));
  const shown = lots.slice(first, first + room);
  const columns = columnsFor(state, shown);
  const head = [
    span('   '),
    ...joined(columns.map(({ head: text, width, align }) => [span(padded(text, width, align), 'faint')])),
  ];
  return [head, ...shown.map((lot) => lotRow(state, lot, columns, lot === selected))].map((row) =>
    cutRow(row, state.size.columns),
  );
}

/** ` 3 of 18 · sort: time left · filter: none` */
export function tableFoot(state: ScreenState): Row {
  const { model, sort, filter, size } = state;
  const [shown, all] = [lotsShown(state).length, model.lots.size];
  const words = [
    shown === all ? `${all} ${all === 1 ? 'lot' : 'lots'}` : `${shown} of ${all} lots`,
    `sort: ${sort}`,
    `filter: ${filter === 'all' ? 'none' : filter}`,
  ];
  return cutRow([span(`   ${words.join(' · ')}`, 'faint')], size.columns);
}

interface Column {
  readonly head: string;
  readonly width: number;
  readonly align: 'left' | 'right';
  /** What goes first when there is no room has the greatest. */
  readonly rank: number;
  cell(lot: LotModel): Row;
}

function columnsFor(state: ScreenState, shown: readonly LotModel[]): Column[] {
  const dim = state.connection.kind === 'down';
  const quiet = (style?: Style): Style | undefined => (dim ? 'faint' : style);
  const widest = (texts: readonly string[], least: number) => Math.max(least, ...texts.map(cellsOf));
  const numberWidth = widest(
    shown.map(({ number }) => String(number)),
    2,
  );
  const prices = widest(shown.map(priceText), 7);
  const own = widest(shown.map(ownText), 6);
  const next = widest(shown.map(nextText), 4);
  const standingWidth = 8;
  const all: Column[] = [
    {
      head: '#',
      width: numberWidth,
      align: 'left',
      rank: 0,
      cell: (lot) => [span(padded(String(lot.number), numberWidth), 'strong')],
    },
    { head: 'LOT', width: 0, align: 'left', rank: 0, cell: () => [] },
    {
      head: 'PRICE',
      width: prices,
      align: 'right',
      rank: 0,
      cell: (lot) => [span(padded(priceText(lot), prices, 'right'), quiet(lot.bids === 0 ? 'faint' : 'strong'))],
    },
    { head: '', width: 1, align: 'left', rank: 0, cell: (lot) => [markOf(standing(lot))] },
    { head: 'LEFT', width: 9, align: 'right', rank: 0, cell: (lot) => leftCell(state, lot, quiet) },
    { head: '', width: standingWidth, align: 'left', rank: 1, cell: (lot) => [wordCell(state, lot, standingWidth)] },
    {
      head: 'MY BID',
      width: own,
      align: 'right',
      rank: 2,
      cell: (lot) => [span(padded(ownText(lot), own, 'right'), quiet())],
    },
    {
      head: 'TREND',
      width: TREND_CELLS,
      align: 'left',
      rank: 3,
      cell: (lot) => [span(padded(sparkline(lot, TREND_CELLS), TREND_CELLS), quiet('accent'))],
    },
    {
      head: 'BIDS',
      width: 4,
      align: 'right',
      rank: 4,
      cell: (lot) => [span(padded(String(lot.bids), 4, 'right'), quiet('faint'))],
    },
    {
      head: 'NEXT',
      width: next,
      align: 'right',
      rank: 5,
      cell: (lot) => [span(padded(nextText(lot), next, 'right'), quiet('faint'))],
    },
  ];
  return withTitle(state, fitting(all, state.size.columns));
}

/** Drops columns until a title of some length has room. */
function fitting(all: readonly Column[], width: number): Column[] {
  for (let rank = 5; ; rank--) {
    const kept = all.filter((column) => column.rank <= rank);
    // At the widest a long title is worth more than another figure.
    const wanted = rank >= 4 ? 2 * MIN_TITLE_CELLS : rank >= 2 ? MIN_TITLE_CELLS + 4 : MIN_TITLE_CELLS;
    if (rank === 0 || used(kept) + wanted <= width) return kept;
  }
}

function used(columns: readonly Column[]): number {
  return MARGIN + columns.reduce((cells, { width }) => cells + width + GAP.length, 0);
}

/** The selection's mark and the gaps at both ends. */
const MARGIN = 2;

function withTitle(state: ScreenState, columns: readonly Column[]): Column[] {
  const left = state.size.columns - used(columns);
  const width = Math.max(4, Math.min(left, MAX_TITLE_CELLS));
  return columns.map((column) =>
    column.head !== 'LOT' ? column : { ...column, width, cell: (lot) => titleCell(state, lot, width) },
  );
}

function lotRow(state: ScreenState, lot: LotModel, columns: readonly Column[], isSelected: boolean): Row {
  const watched = state.model.watched.has(lot.lot) ? span('•', 'accent') : span(' ');
  const mark = isSelected ? span('›', 'accent') : span(' ');
  return [mark, watched, span(' '), ...joined(columns.map((column) => column.cell(lot)))];
}

function joined(cells: readonly Row[]): Row {
  return cells.flatMap((cell, index) => (index === 0 ? cell : [span(GAP), ...cell]));
}

function titleCell(state: ScreenState, lot: LotModel, width: number): Row {
  const isSelected = lotAtCursor(state)?.lot === lot.lot;
  return [span(padded(titleOf(lot), width), isSelected ? 'accent' : lot.status === 'open' ? undefined : 'faint')];
}

function priceText(lot: LotModel): string {
  return formatMoney(lot.hammerPrice ?? lot.leading?.amount ?? lot.terms.startingPrice, lot.terms.currency);
}

function ownText(lot: LotModel): string {
  const own = bestOwnBid(lot);
  return own === undefined ? '–' : formatMoney(own, lot.terms.currency);
}

function nextText(lot: LotModel): string {
  return lot.status === 'open' ? formatMoney(nextValidBid(lot), lot.terms.currency) : '';
}

function leftCell(state: ScreenState, lot: LotModel, quiet: (style?: Style) => Style | undefined): Row {
  const left = timeLeftMs(lot, state.moment.at);
  if (lot.status !== 'open') return [span(padded(lot.status, 9, 'right'), quiet('faint'))];
  if (!state.moment.signed) return [span(padded('–', 9, 'right'), 'faint')];
  if (left === 0) return [span(padded('closing…', 9, 'right'), quiet('warn'))];
  const isEnding = left <= ENDING_MS;
  return [span(padded(`${timeLeft(left)}${isEnding ? ' !' : '  '}`, 9, 'right'), quiet(isEnding ? 'bad' : undefined))];
}

function markOf(is: Standing): Span {
  return MARKS[is];
}

const MARKS: { readonly [Name in Standing]: Span } = {
  leading: span('★', 'good'),
  won: span('★', 'good'),
  outbid: span('▼', 'bad'),
  lost: span('▼', 'faint'),
  offering: span('◆', 'accent'),
  none: span(' '),
};

function wordCell(state: ScreenState, lot: LotModel, width: number): Span {
  if (lot.unproven === true) return span(padded('unproven', width), 'bad');
  const is = standing(lot);
  const isNew = lot.status === 'open' && state.moment.at - lot.listedAt < NEW_MS;
  const [word, style]: [string, Style?] = is === 'none' ? [isNew ? 'new' : '', 'faint'] : WORDS[is];
  return span(padded(word, width), style);
}

const WORDS: { readonly [Name in Exclude<Standing, 'none'>]: [string, Style?] } = {
  leading: ['leading', 'good'],
  won: ['won', 'good'],
  outbid: ['outbid', 'bad'],
  lost: ['lost', 'faint'],
  offering: ['yours', 'accent'],
};
