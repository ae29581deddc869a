/** What can stand in the place of the table: help, a lot, the notices, a text. */
import { COMMANDS } from '../commands/command-table.ts';
import { usageOf } from '../commands/help.ts';
import { printableLine } from '../store/printable.ts';
import { cut, cutRow, padded, span } from './cells.ts';
import type { Row } from './frame.ts';
import { lotPane } from './lot-pane.ts';
import { dateTime } from './lot-words.ts';
import { wrap } from './prompt-rows.ts';
import type { Pane, ScreenState } from './screen-state.ts';

/** `height` rows: a title, and the part of the pane that is scrolled to. */
export function paneRows(state: ScreenState, pane: Pane, height: number): Row[] {
  const { columns } = state.size;
  const { title, rows } = contentOf(state, pane, height - 1);
  const room = height - 1;
  const first = Math.min(pane.scroll, Math.max(0, rows.length - room));
  const more = rows.length > room ? `  ${first + 1}–${Math.min(first + room, rows.length)} of ${rows.length}` : '';
  const head: Row = [span(` ${cut(title, columns - 2 - more.length)}`, 'strong'), span(more, 'faint')];
  return [head, ...rows.slice(first, first + room)].map((row) => cutRow(row, columns));
}

/** How far the pane can be scrolled where it has `height` rows. */
export function lastScroll(state: ScreenState, pane: Pane, height: number): number {
  const room = height - 1;
  return Math.max(0, contentOf(state, pane, room).rows.length - room);
}

interface Content {
  readonly title: string;
  readonly rows: readonly Row[];
}

function contentOf(state: ScreenState, pane: Pane, room: number): Content {
  switch (pane.kind) {
    case 'help':
      return { title: 'Help', rows: helpRows(state) };
    case 'lot':
      return lotPane(state, pane.lot, room);
    case 'notices':
      return { title: 'Notices, the newest first', rows: noticeRows(state) };
    case 'text':
      return {
        title: pane.title,
        rows: pane.lines
          .flatMap((line) => wrap(printableLine(` ${line}`).padStart(line.length), state.size.columns - 2))
          .map((line) => [span(` ${line}`)]),
      };
  }
}

const KEYS: readonly (readonly [string, string])[] = [
  ['↑ ↓ or k j', 'choose a lot'],
  ['Enter or l', 'all about it'],
  ['b', 'bid on it: the next valid amount is filled in'],
  ['w', 'watch it, or stop'],
  ['s · f', 'another order · another filter'],
  ['n', 'notices'],
  ['/', 'type a command; Tab completes'],
  ['Esc', 'back'],
  ['q or Ctrl+C', 'quit'],
];
const SIGNS: readonly (readonly [string, string])[] = [
  ['★', 'you lead, or won'],
  ['▼', 'you are outbid, or lost'],
  ['◆', 'you offer this lot'],
  ['•', 'you watch it'],
  ['!', 'it ends within a minute'],
];

function helpRows(state: ScreenState): Row[] {
  const commands = COMMANDS.map((command): [string, string] => [usageOf({ ...command, options: [] }), command.summary]);
  const most = Math.min(26, Math.floor(state.size.columns / 2));
  const table = (title: string, lines: readonly (readonly [string, string])[]): Row[] => [
    [span(` ${title}`, 'accent')],
    ...lines.map(([left, right]): Row => [span(`   ${padded(left, most)}  `), span(right, 'faint')]),
  ];
  return [...table('Commands', commands), ...table('Keys, while nothing is typed', KEYS), ...table('Signs', SIGNS)];
}

function noticeRows({ notices, moment, size }: ScreenState): Row[] {
  if (notices.length === 0) return [[span(' Nothing yet: here stands when you are outbid, win or lose.', 'faint')]];
  return notices.toReversed().flatMap(({ at, text }) => {
    const [first = '', ...more] = wrap(text, Math.max(10, size.columns - 24));
    return [
      [span(` ${dateTime(at, moment)}  `, 'faint'), span(first)],
      ...more.map((line): Row => [span(' '.repeat(22)), span(line)]),
    ];
  });
}
