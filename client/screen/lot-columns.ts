/** What the table says of each lot, column by column. */

import { formatMoney } from '../commands/money.ts';
import { cellsOf } from '../prompt/graphemes.ts';
import type { LotModel } from '../store/model.ts';
import { bestOwnBid, nextValidBid, type Standing, standing, timeLeftMs } from '../store/select.ts';
import { padded, span } from './cells.ts';
import type { Row, Span, Style } from './frame.ts';
import { timeLeft } from './lot-words.ts';
import type { ScreenState } from './screen-state.ts';
import { sparkline } from './sparkline.ts';

export interface Column {
  readonly head: string;
  readonly width: number;
  readonly align: 'left' | 'right';
  /** Blanks before it. */
  readonly gap: 0 | 1 | 2;
  /** What goes first when there is no room has the greatest; 0 never goes. */
  readonly rank: number;
  cell(lot: LotModel): Row;
}

/** The column that takes what the others leave. */
export const TITLE = 'LOT';
export const LAST_RANK = 5;

/** Under this the time left draws the eye. */
const ENDING_MS = 60_000;
/** A lot is new for so long. */
const NEW_MS = 60_000;
const TREND_CELLS = 8;
const LEFT_CELLS = 10;
const STANDING_CELLS = 8;

/** Figures are as wide as the widest of the lots that are shown. */
export function columnsOf(state: ScreenState, shown: readonly LotModel[]): Column[] {
  // What is not heard of any more is no figure to bid by.
  const quiet = (style?: Style): Style | undefined => (state.connection.kind === 'down' ? 'faint' : style);
  const figures = (
    rank: number,
    head: string,
    text: (lot: LotModel) => string,
    look: (lot: LotModel) => Style | undefined,
  ): Column => {
    const width = Math.max(head.length, ...shown.map((lot) => cellsOf(text(lot))));
    return {
      head,
      width,
      align: 'right',
      gap: 2,
      rank,
      cell: (lot) => [span(padded(text(lot), width, 'right'), quiet(look(lot)))],
    };
  };
  const words = (head: string, width: number, rank: number, cell: (lot: LotModel) => Span): Column => ({
    ...{ head, width, rank, align: 'left', gap: 2, cell: (lot) => [cell(lot)] },
  });
  const numbers = Math.max(2, ...shown.map(({ number }) => String(number).length));
  return [
    { ...words('#', numbers, 0, ({ number }) => span(padded(String(number), numbers), 'strong')), gap: 0 },
    words(TITLE, 0, 0, () => span('')),
    figures(0, 'PRICE', priceText, ({ bids }) => (bids === 0 ? 'faint' : 'strong')),
    { ...words('', 1, 0, (lot) => MARKS[standing(lot)]), gap: 1 },
    { ...words('LEFT', LEFT_CELLS, 0, (lot) => leftCell(state, lot, quiet)), align: 'right', gap: 1 },
    words('', STANDING_CELLS, 1, (lot) => wordCell(state, lot)),
    figures(2, 'MY BID', ownText, () => undefined),
    words('TREND', TREND_CELLS, 3, (lot) => span(padded(sparkline(lot, TREND_CELLS), TREND_CELLS), quiet('accent'))),
    figures(
      4,
      'BIDS',
      ({ bids }) => String(bids),
      () => 'faint',
    ),
    figures(5, 'NEXT', nextText, () => 'faint'),
  ];
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

/** By signed time. When that is over it is for the house to say how a lot ended. */
function leftCell(state: ScreenState, lot: LotModel, quiet: (style?: Style) => Style | undefined): Span {
  const said = (text: string, style?: Style) => span(padded(text, LEFT_CELLS, 'right'), quiet(style));
  const left = timeLeftMs(lot, state.moment.at);
  if (lot.status !== 'open') return said(`${lot.status}  `, 'faint');
  if (!state.moment.signed) return said('–  ', 'faint');
  if (left === 0) return said('closing…  ', 'warn');
  return left <= ENDING_MS ? said(`${timeLeft(left)} !`, 'bad') : said(`${timeLeft(left)}  `);
}

const MARKS: { readonly [Name in Standing]: Span } = {
  leading: span('★', 'good'),
  won: span('★', 'good'),
  outbid: span('▼', 'bad'),
  lost: span('▼', 'faint'),
  offering: span('◆', 'accent'),
  none: span(' '),
};

function wordCell(state: ScreenState, lot: LotModel): Span {
  const said = (word: string, style?: Style) => span(padded(word, STANDING_CELLS), style);
  if (lot.unproven === true) return said('unproven', 'bad');
  const is = standing(lot);
  if (is !== 'none') return said(...WORDS[is]);
  const isNew = lot.status === 'open' && state.moment.at - lot.listedAt < NEW_MS;
  return said(isNew ? 'new' : '', 'faint');
}

const WORDS: { readonly [Name in Exclude<Standing, 'none'>]: [string, Style] } = {
  leading: ['leading', 'good'],
  won: ['won', 'good'],
  outbid: ['outbid', 'bad'],
  lost: ['lost', 'faint'],
  offering: ['yours', 'accent'],
};
