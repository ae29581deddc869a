/** From the state to the picture: exactly as many rows as the terminal has. */
import { cutRow, padded, span } from './cells.ts';
import { emptyRows } from './empty-rows.ts';
import { eventRows } from './event-rows.ts';
import type { Frame, Row } from './frame.ts';
import { tableFoot, tableRows } from './lot-table.ts';
import { paneRows } from './panes.ts';
import { noticeRow, type PromptRows, promptRows } from './prompt-rows.ts';
import { lotsShown } from './rows-shown.ts';
import type { ScreenState } from './screen-state.ts';
import { bannerRow, statusRow } from './status-row.ts';

/** Below this there is no room for a lot and its price. */
export const MIN_COLUMNS = 32;
export const MIN_ROWS = 8;
/** From this height on there are lines between the parts. */
const RULED_ROWS = 20;
const FOOTED_ROWS = 14;

export function frameOf(state: ScreenState): Frame {
  const { columns, rows } = state.size;
  if (columns < MIN_COLUMNS || rows < MIN_ROWS) return tooSmall(state);
  const { top, bottom, prompt, height } = layoutOf(state);
  const all = exactly([...top, ...bodyRows(state, height), ...bottom], rows, columns);
  const y = rows - prompt.rows.length + prompt.cursor.y;
  return { columns, rows: all, cursor: { x: prompt.cursor.x, y: Math.max(0, y) } };
}

/** How many rows there are for the table, or for a pane. */
export function bodyHeight(state: ScreenState): number {
  return layoutOf(state).height;
}

interface Layout {
  readonly top: readonly Row[];
  readonly bottom: readonly Row[];
  readonly prompt: PromptRows;
  readonly height: number;
}

function layoutOf(state: ScreenState): Layout {
  const { columns, rows } = state.size;
  const banner = bannerRow(state);
  const top: Row[] = [statusRow(state), ...(banner === undefined ? [] : [banner])];
  const prompt = promptRows(state);
  const bottom: Row[] = [
    ...(isRuled(state) ? [rule(columns)] : []),
    noticeRow(state),
    ...prompt.rows.slice(0, rows - top.length - 3),
  ];
  return { top, bottom, prompt, height: Math.max(0, rows - top.length - bottom.length) };
}

function isRuled({ size }: ScreenState): boolean {
  return size.rows >= RULED_ROWS;
}

/** The table and what happened, or a pane. */
function bodyRows(state: ScreenState, height: number): Row[] {
  const { columns } = state.size;
  if (state.pane !== undefined) return exactly(paneRows(state, state.pane, height), height, columns);
  const shown = lotsShown(state).length;
  const foot = state.size.rows >= FOOTED_ROWS && shown > 0 ? 1 : 0;
  const line = isRuled(state) && (shown > 0 || state.events.length > 0) ? 1 : 0;
  const events = state.events.length === 0 && shown === 0 ? 0 : eventsRoom(height - foot - line, shown);
  const room = height - foot - line - events;
  const main = shown === 0 ? emptyRows(state, room) : tableRows(state, room);
  return [
    ...exactly(main, room, columns),
    ...(foot === 0 ? [] : [tableFoot(state)]),
    ...(line === 0 ? [] : [rule(columns)]),
    ...eventRows(state, events),
  ];
}

/** A third of the height, and what the lots leave. The table keeps its head and at least three lots. */
function eventsRoom(height: number, lots: number): number {
  const wanted = lots === 0 ? 14 : lots + 2;
  const share = Math.floor(height / 3);
  return Math.max(0, Math.min(height - Math.min(4, height), Math.max(share, height - wanted)));
}

function rule(columns: number): Row {
  return [span('─'.repeat(columns), 'faint')];
}

function exactly(rows: readonly Row[], height: number, columns: number): Row[] {
  return Array.from({ length: height }, (_, index) => cutRow(rows[index] ?? [], columns));
}

function tooSmall({ size: { columns, rows } }: ScreenState): Frame {
  const words = [`Gavel needs`, `${MIN_COLUMNS}×${MIN_ROWS} cells,`, `here are`, `${columns}×${rows}.`, 'q quits'];
  const lines = Array.from({ length: rows }, (_, index): Row => [span(padded(words[index] ?? '', columns))]);
  return { columns, rows: lines };
}
