/** All about one lot: its terms, how it stands, its price over time, its bids. */
import type { Amount, LotId } from '../../shared/wire/vocabulary.ts';
import { formatMoney } from '../commands/money.ts';
import type { LotModel } from '../store/model.ts';
import { printableLine } from '../store/printable.ts';
import { bestOwnBid, duration, nextValidBid, standing, timeLeftMs } from '../store/select.ts';
import { padded, span } from './cells.ts';
import { stepChart } from './chart.ts';
import type { Row } from './frame.ts';
import { clockTime, dateTime, timeLeft, titleOf } from './lot-words.ts';
import { wrap } from './prompt-rows.ts';
import type { ScreenState } from './screen-state.ts';

const MAX_CHART_ROWS = 10;
/** Below the chart, without scrolling. */
const BIDS_IN_SIGHT = 6;
const MIN_CHART_ROWS = 3;
const MAX_CHART_COLUMNS = 100;
const LABEL_CELLS = 12;

export function lotPane(
  state: ScreenState,
  id: LotId,
  room: number,
): { readonly title: string; readonly rows: readonly Row[] } {
  const lot = state.model.lots.get(id);
  if (lot === undefined) return { title: 'No such lot', rows: [] };
  const facts = factRows(state, lot);
  const history = historyOf(state, lot);
  const bids = bidRows(state, lot, history);
  const height = Math.min(
    MAX_CHART_ROWS,
    Math.max(MIN_CHART_ROWS, room - facts.length - 2 - Math.min(BIDS_IN_SIGHT, history.length + 1)),
  );
  return {
    title: `#${lot.number}  ${titleOf(lot)}`,
    rows: [...facts, ...chartRows(state, { ...lot, history }, height), ...bids],
  };
}

/** What the public log had when it was asked, and what was heard since. */
function historyOf({ pasts }: ScreenState, { lot, history }: LotModel): LotModel['history'] {
  const past = pasts.get(lot) ?? [];
  const known = new Set(history.map(({ position }) => position));
  return [...past.filter(({ position }) => !known.has(position)), ...history].sort((a, b) => a.position - b.position);
}

function factRows(state: ScreenState, lot: LotModel): Row[] {
  const { description } = lot.terms;
  const about = description === undefined ? [] : wrap(printableLine(description), state.size.columns - 2).slice(0, 3);
  const lines = [...termLines(state, lot), ...ownLines(lot)];
  return [
    ...about.map((line): Row => [span(` ${line}`, 'faint')]),
    ...lines.map(([head, text]): Row => [span(` ${padded(head, 11)}`, 'faint'), span(text)]),
  ];
}

type Line = readonly [head: string, text: string];

function termLines({ moment }: ScreenState, lot: LotModel): Line[] {
  const { terms, bids, status } = lot;
  const money = (amount: Amount) => formatMoney(amount, terms.currency);
  const price = lot.hammerPrice ?? lot.leading?.amount;
  const said = price === undefined ? `from ${money(terms.startingPrice)}` : money(price);
  const lines: Line[] = [['price', `${said}   ${bids} ${bids === 1 ? 'bid' : 'bids'}`]];
  if (status === 'open') lines.push(['next bid', `${money(nextValidBid(lot))}   increment ${money(terms.increment)}`]);
  lines.push(['closes', `${dateTime(lot.closesAt, moment)}   ${endOf(lot, timeLeftMs(lot, moment.at))}`]);
  if (terms.extension !== undefined) {
    lines.push(['soft close', `a bid in the last ${duration(terms.extension.window)} moves the closing`]);
  }
  return lines;
}

function endOf({ status }: LotModel, left: number): string {
  if (status !== 'open') return status;
  return left === 0 ? 'closing…' : `in ${timeLeft(left)}`;
}

/** What the lot is to us, and who the other one is once that is known. */
function ownLines(lot: LotModel): Line[] {
  const lines: Line[] = [];
  const [is, own, other] = [standing(lot), bestOwnBid(lot), lot.counterparty];
  if (is !== 'none') {
    const bid = own === undefined ? '' : `   your bid ${formatMoney(own, lot.terms.currency)}`;
    lines.push(['you', `${is === 'offering' ? 'offer it' : is}${bid}`]);
  }
  if (other !== undefined) {
    const contact = other.contact === undefined ? '' : `, ${printableLine(other.contact)}`;
    lines.push([other.role, `${printableLine(other.username)}${contact}   verified by the Trusted Service`]);
  }
  return lines;
}

function chartRows({ moment, size }: ScreenState, lot: LotModel, height: number): Row[] {
  const { history, terms } = lot;
  if (history.length < 2) return [];
  const width = Math.min(MAX_CHART_COLUMNS, size.columns - LABEL_CELLS - 2);
  if (width < 10) return [];
  const points = history.map(({ at, amount }) => ({ x: at, y: amount }));
  const amounts = history.map(({ amount }) => amount);
  const from = history[0]?.at ?? lot.listedAt;
  const to = lot.status === 'open' ? Math.max(moment.at, ...points.map(({ x }) => x)) : (history.at(-1)?.at ?? from);
  const [bottom, top] = [Math.min(...amounts), Math.max(...amounts)];
  const lines = stepChart(points, { width, height }, { from, to, bottom, top });
  const label = (index: number) =>
    index === 0
      ? formatMoney(top as Amount, terms.currency)
      : index === height - 1
        ? formatMoney(bottom as Amount, terms.currency)
        : '';
  const ends = [clockTime(from, moment), lot.status === 'open' ? 'now' : clockTime(to as typeof from, moment)] as const;
  return [
    [],
    ...lines.map(
      (line, index): Row => [span(`${padded(label(index), LABEL_CELLS, 'right')} `, 'faint'), span(line, 'accent')],
    ),
    [span(`${' '.repeat(LABEL_CELLS + 1)}${ends[0]}${ends[1].padStart(width - ends[0].length)}`, 'faint')],
  ];
}

function bidRows({ moment }: ScreenState, lot: LotModel, history: LotModel['history']): Row[] {
  if (history.length === 0) return [];
  const rows = history
    .toReversed()
    .map(
      ({ at, amount, position, mine }): Row => [
        span(` ${clockTime(at, moment)}  `, 'faint'),
        span(padded(formatMoney(amount, lot.terms.currency), LABEL_CELLS, 'right')),
        span(`  ${mine ? 'you    ' : 'someone'}`, mine ? 'good' : undefined),
        span(`   position ${position}`, 'faint'),
      ],
    );
  return [[span(' Bids, the newest first', 'faint')], ...rows];
}
