/** The lower end: what concerns us now, the prompt, and below it help, the menu, or how far a command is. */
import { drawPrompt } from '../prompt/draw-prompt.ts';
import { cut, cutRow, padded, span } from './cells.ts';
import type { Row, Style } from './frame.ts';
import { currentNotice } from './notices.ts';
import { progressText } from './progress.ts';
import { promptWorld } from './prompt-world.ts';
import type { NoticeKind, ScreenState } from './screen-state.ts';
import { TONES } from './tones.ts';

export interface PromptRows {
  readonly rows: readonly Row[];
  /** Of the cursor in these rows. */
  readonly cursor: { readonly x: number; readonly y: number };
}

const MARK = '> ';
const LOOKS: { readonly [Kind in NoticeKind]: readonly [string, Style | undefined] } = {
  outbid: ['▲', 'bad'],
  ending: ['!', 'warn'],
  won: ['★', 'good'],
  lost: ['▼', undefined],
  disclosed: ['✉', 'good'],
  sold: ['★', 'good'],
  unsold: ['–', undefined],
  alarm: ['✖', 'alarm'],
};

/** One row: a question's last word, the answer to what was typed, or what concerns us. */
export function noticeRow(state: ScreenState): Row {
  const { flash, unseen, size } = state;
  if (flash !== undefined) return cutRow([span(' '), span(flash.text, TONES[flash.tone])], size.columns);
  const notice = currentNotice(state);
  if (notice === undefined) return [];
  const [mark, style] = LOOKS[notice.kind];
  const more = unseen > 1 ? `  (${unseen - 1} more: n)` : '';
  return cutRow(
    [span(` ${mark} ${cut(notice.text, size.columns - 3 - more.length)}`, style), span(more, 'faint')],
    size.columns,
  );
}

/** The prompt and what is below it: at least two rows. */
export function promptRows(state: ScreenState): PromptRows {
  const { columns } = state.size;
  if (state.question !== undefined) return questionRows(state, state.question.lines);
  const { line, cursorColumn, menu, hint } = drawPrompt(state.prompt, promptWorld(state), columns - MARK.length - 1);
  const labels = Math.min(24, Math.max(0, ...menu.map(({ label }) => label.length)));
  const choices = menu.map(({ label, help, selected }): Row => {
    const mark = span(selected ? ' › ' : '   ', 'accent');
    const name = span(padded(label, labels), selected ? 'accent' : undefined);
    return cutRow([mark, name, span('  '), span(help, 'faint')], columns);
  });
  const under = progressText(state);
  const last: Row =
    under === undefined ? [span(`  ${hint === '' ? keyHints(state) : hint}`, 'faint')] : [span(`  ${under}`, 'accent')];
  return {
    rows: [[span(MARK, 'accent'), span(line)], ...choices, cutRow(last, columns)],
    cursor: { x: Math.min(MARK.length + cursorColumn, columns - 1), y: 0 },
  };
}

/** Wrapped at words; the question itself always comes last. */
function questionRows({ size }: ScreenState, lines: readonly string[]): PromptRows {
  const { columns } = size;
  const wrapped = lines.flatMap((line) => wrap(line, columns - 2));
  const ask = 'Send it? y yes · n no';
  return {
    rows: [...wrapped.map((line): Row => [span(` ${line}`, 'warn')]), [span(` ${ask} `, 'strong')], []],
    cursor: { x: Math.min(ask.length + 2, columns - 1), y: wrapped.length },
  };
}

/** At blanks; a word that is longer than a row is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width || line === '') line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line].map((one) => cut(one, width));
}

const HINTS = ['b bid', 'Enter lot', '/ command', '? help', 'w watch', 's sort', 'f filter', 'n notices', 'q quit'];
const PANE_HINTS = ['Esc back', '↑↓ scroll', 'b bid', '/ command', 'q back'];

/** As many as padded, the most useful first. */
function keyHints({ pane, size }: ScreenState): string {
  let text = '';
  for (const hint of pane === undefined ? HINTS : PANE_HINTS) {
    const longer = text === '' ? hint : `${text}   ${hint}`;
    if (longer.length > size.columns - 3) break;
    text = longer;
  }
  return text;
}
