/** The prompt as it is drawn: a line that scrolls sideways, the menu, and one line that says what comes next. */

import { type Completion, complete, type PromptWorld } from './complete.ts';
import { cellsOf, graphemesOf } from './graphemes.ts';
import { hintOf } from './hint.ts';
import { menuAmong, type Prompt } from './prompt.ts';

export interface PromptDrawing {
  /** At most `width` cells. */
  readonly line: string;
  /** Cells before the cursor in `line`. */
  readonly cursorColumn: number;
  readonly menu: readonly { readonly label: string; readonly help: string; readonly selected: boolean }[];
  /** What the line is about, and the keys that matter. Not cut to any width. */
  readonly hint: string;
}

/** Lines of the menu at a time. */
const MENU_LINES = 6;

/** Draws a prompt for a line of `width` cells. */
export function drawPrompt(prompt: Prompt, world: PromptWorld, width: number): PromptDrawing {
  const completion = complete(prompt.text, prompt.cursor, world);
  const menu = menuAmong(prompt, completion);
  const hint = hintOf(prompt, completion, world, menu !== undefined);
  return { ...visiblePart(prompt, width), menu: menuLines(prompt, menu), hint };
}

/** The part of the line around the cursor, with the cell of the cursor itself. */
function visiblePart({ text, cursor }: Prompt, width: number): Pick<PromptDrawing, 'line' | 'cursorColumn'> {
  const before = graphemesOf(text.slice(0, cursor));
  const after = graphemesOf(text.slice(cursor));
  const isWhole = cellsOf(text) < width;
  // A third of the width stays free behind the cursor, so that what comes next can be read.
  const room = isWhole ? width : width - 1 - Math.min(Math.floor(width / 3), cellsOf(text.slice(cursor)));
  const head = lastWithin(before, room);
  const cursorColumn = cellsOf(head);
  return { line: head + firstWithin(after, width - cursorColumn), cursorColumn };
}

function lastWithin(graphemes: readonly string[], width: number): string {
  return firstWithin(graphemes.toReversed(), width, (kept, next) => next + kept);
}

function firstWithin(
  graphemes: readonly string[],
  width: number,
  join = (kept: string, next: string) => kept + next,
): string {
  let kept = '';
  let cells = 0;
  for (const grapheme of graphemes) {
    cells += cellsOf(grapheme);
    if (cells > width) break;
    kept = join(kept, grapheme);
  }
  return kept;
}

/** A window of the choices around the one that somebody went to. */
function menuLines({ chosen }: Prompt, menu: Completion | undefined): PromptDrawing['menu'] {
  if (menu === undefined) return [];
  const selected = chosen ?? (menu.place.at === 'command' ? 0 : undefined);
  const first = Math.max(0, Math.min((selected ?? 0) - MENU_LINES + 2, menu.choices.length - MENU_LINES));
  return menu.choices
    .slice(first, first + MENU_LINES)
    .map(({ label, help }, index) => ({ label, help, selected: first + index === selected }));
}
